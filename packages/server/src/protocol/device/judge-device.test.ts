import { describe, expect, it } from 'vitest';
import type { Ruling } from '../../access/policies/judge.ts';
import type { JudgeAuthorizationDependencies } from '../policies/judge-authorization.ts';
import { judgeDevice } from './judge-device.ts';

const AT = 1_800_000_000_000;
const MFA = 'urn:tessera:acr:mfa';
const PWD = 'urn:tessera:acr:pwd';

/** What is decided for a sign-in of a minute ago, where the policies say this. */
function judged(ruling: object, amr: readonly string[] = ['pwd']): Promise<unknown> {
  const policyJudge = { hasPolicies: () => true, judge: () => Promise.resolve(ruling as Ruling) };
  const resources = { find: () => undefined, findDefault: () => undefined };
  const dependencies = { issuer: 'https://as.example', resources, policyJudge };
  return judgeDevice(
    { device: { resourceId: 'issuer', scopes: [] }, client: { id: 'tv' }, userCode: 'X' } as never,
    { userId: 'usr_1', amr, authTime: AT - 60_000 } as never,
    { at: AT, address: '192.0.2.1' } as never,
    dependencies as unknown as JudgeAuthorizationDependencies,
  );
}
const asked = (acrs: readonly string[], maxAgeSeconds?: number): object => ({
  stepUp: { acrs, maxAgeSeconds },
});

describe('before a device (RFC 9470 §5)', () => {
  it('is refused what is blocked, and a class that no sign-in here meets', async () => {
    const blocked = await judged({ blockedBy: { why: 'x' }, ...asked([MFA]) });
    expect(blocked).toEqual({ step: 'refuse', description: 'An access policy does not allow this' });
    expect(await judged(asked([MFA, 'urn:nobody:meets']))).toMatchObject({ step: 'refuse' });
  });
  it.each([
    ['sign_in', asked([], 60), ['pwd']],
    ['sign_in', asked([MFA], 60), ['pwd']],
    ['second_step', asked([MFA], 61), ['pwd']],
    ['second_step', asked([MFA]), ['pwd']],
    ['sign_in', asked([PWD]), ['hwk']],
    ['go_on', {}, ['pwd']],
    ['go_on', { consentFor: {} }, ['pwd']],
  ])('%s for %j', async (step, ruling, amr) => {
    expect(await judged(ruling, amr)).toEqual({ step });
  });
});
