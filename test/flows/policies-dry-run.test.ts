// A dry run says what the token endpoint does: for any policies at once, an app by itself and one with a person.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../packages/server/src/domain/policy.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type Answer, obtainTokens, refresh, requestToken, type Tokens } from '../oauth-calls.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const HERE = '127.0.0.1';
const SCOPE = 'openid user-read-email';
const ACRS = ['urn:tessera:acr:mfa', 'urn:tessera:acr:pwd'];

/** What stands under a condition that takes `any_of`, `none_of`, or both. */
const named = (...names: readonly string[]): fc.Arbitrary<object> => {
  const some = fc.subarray([...names], { minLength: 1 });
  return fc.oneof(
    fc.record({ any_of: some }),
    fc.record({ none_of: some }),
    fc.record({ any_of: some, none_of: some }),
  );
};
const place = fc.constantFrom({ organization_id: 'org_default' }, { organization_id: 'org_none' });
const conditions = (userId: string, issuer: string): fc.Arbitrary<Policy['conditions']> =>
  fc.record(
    {
      client: named('confidential', 'spa'),
      resource: named(MUSIC, OPAQUE, issuer),
      scope: named('user-read-email', 'catalog-read', 'openid'),
      user: named(userId, 'usr_none'),
      membership: fc.oneof(
        fc.record({ any_of: fc.array(place, { minLength: 1, maxLength: 2 }) }),
        fc.record({ none_of: fc.array(place, { minLength: 1, maxLength: 2 }) }),
      ),
      network: named('127.0.0.0/8', '10.0.0.0/8', '::/0'),
      acr: named(...ACRS),
      amr: named('pwd', 'otp'),
      sign_in_age: fc.oneof(
        fc.record({ at_least: fc.constantFrom(100, 5000) }),
        fc.record({ below: fc.constantFrom(100, 5000) }),
      ),
      binding: named('none', 'dpop'),
      risk: fc.record({ at_least: fc.constantFrom('low', 'medium', 'high') }),
      moon: fc.constant({ any_of: ['full'] }),
    },
    { requiredKeys: [] },
  );
const outcome: fc.Arbitrary<Policy['outcome']> = fc.oneof(
  fc.constantFrom({ kind: 'block' }, { kind: 'vanish' }),
  fc.constant({ kind: 'require_consent' }),
  fc.constantFrom<Policy['outcome']>(
    { kind: 'step_up', acr: ACRS[0] },
    { kind: 'step_up', acr: ACRS[1] },
    { kind: 'step_up', max_age: 100 },
    { kind: 'step_up', acr: ACRS[0], max_age: 5000 },
  ),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('shorten_lifetime', 'lengthen_lifetime'),
      seconds: fc.integer({ min: 1, max: 86_400 }),
    }),
  },
);
const few = <Value>(all: fc.Arbitrary<Record<string, Value>>): fc.Arbitrary<Record<string, Value>> =>
  fc.tuple(all, fc.nat(), fc.nat({ max: 2 })).map(([each, from, count]) =>
    Object.fromEntries(
      Object.entries(each)
        .toSorted(([one], [other]) => ((one.length + from) % 5) - ((other.length + from) % 5))
        .slice(0, count),
    ),
  );

describe.each(STORES)('a dry run on %s', (store) => {
  let server: TestServer;
  let admin: string;
  let tokens: Tokens;

  beforeAll(async () => {
    server = await startTestServer({ store });
    admin = await adminToken(server);
    const parameters = { resource: MUSIC, scope: SCOPE };
    tokens = await obtainTokens(server, server.newBrowser(), { parameters });
    server.clock.advance(1_000_000);
    const { id } = server.person.user;
    await callApi(server, admin, 'POST', `/admin/v1/users/${id}/risk-signals`, { level: 'medium' });
  });
  afterAll(() => server?.close());

  const KINDS: Readonly<Record<string, string>> = {
    access_denied: 'block',
    insufficient_user_authentication: 'step_up',
    consent_required: 'consent',
  };
  const did = ({ status, body }: Answer): object =>
    status === 200
      ? { decision: 'allow', seconds: body['expires_in'] }
      : {
          decision: KINDS[String(body['error'])] ?? body['error'],
          ...(body['acr_values'] === undefined ? {} : { acr: body['acr_values'] }),
          ...(body['max_age'] === undefined ? {} : { age: body['max_age'] }),
        };
  const said = async (question: object): Promise<object> => {
    const asked = { client_id: 'confidential', resource: MUSIC, network: HERE, ...question };
    const { body } = await callApi(server, admin, 'POST', '/admin/v1/policies/dry-run', asked);
    const { decision, shorten_to, lengthen_to, acr_values, max_age } = body;
    if (decision === 'allow') {
      const longer = Math.max(3600, Number(lengthen_to ?? 0));
      return { decision, seconds: Math.min(longer, Number(shorten_to ?? Number.POSITIVE_INFINITY)) };
    }
    if (decision !== 'step_up') return { decision };
    return {
      decision,
      ...(acr_values === undefined ? {} : { acr: (acr_values as string[]).join(' ') }),
      ...(max_age === undefined ? {} : { age: max_age }),
    };
  };

  it('says what is done', async () => {
    const { policies } = server.tessera.store;
    const { confidential } = server.clients;
    const userId = server.person.user.id;
    const owners = ['org_default', server.person.user.organizationId];
    let count = 0;
    const drafts = fc.array(
      fc.record({
        organizationId: fc.constantFrom(...owners),
        serverWide: fc.constantFrom(true, true, false),
        mode: fc.constantFrom<Policy['mode'][]>('enforce', 'enforce', 'enforce', 'report_only', 'off'),
        conditions: few(conditions(userId, server.issuer)),
        outcome,
      }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(drafts, async (drawn) => {
        const at = server.clock.now();
        const made = drawn.map((draft): Policy => {
          count += 1;
          const times = { createdAt: at, updatedAt: at, decidesFrom: at };
          return { id: `pol_${store}_${count}`, name: 'Drawn', version: 1, ...times, ...draft };
        });
        const about = (id: string, type: 'policy.created' | 'policy.deleted') =>
          ({ id: `evt_${type}_${id}`, at, type, outcome: 'success', actor: 'x' }) as const;
        for (const each of made) {
          // oxlint-disable-next-line no-await-in-loop -- the oldest first
          await policies.create(each, [], about(each.id, 'policy.created'));
        }
        try {
          const alone = { grant_type: 'client_credentials', resource: MUSIC };
          expect(did(await requestToken(server, alone, confidential))).toEqual(await said({}));
          const person = { user_id: userId, scope: SCOPE, amr: ['pwd'], auth_age: 1000 };
          expect(did(await refresh(server, tokens.refreshToken, confidential))).toEqual(await said(person));
        } finally {
          await Promise.all(made.map((each) => policies.delete(each, [], about(each.id, 'policy.deleted'))));
        }
      }),
      { numRuns: 40 },
    );
  });
});
