import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDpopKey, type DpopKey, type ProofOf } from '../../../../test/dpop-key.ts';
import type { Client } from '../domain/client.ts';
import type { UsedIdentifiers } from '../ports/used-identifiers.ts';
import { createDpopBinding, type DpopBinding, pushedDpopJkt } from './dpop-binding.ts';
import { createDpopNonces } from './dpop-nonce.ts';
import { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';
import type { RequestContext } from './request-context.ts';

const NOW = 1_800_000_000_000;
const ISSUER = 'https://id.example/tenant';
const PATH = '/api/par';
const nonces = createDpopNonces(new Uint8Array(32).fill(7));
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rule looks at its metadata alone
const client = { metadata: {} } as Client;

let key: DpopKey;
let spent: Set<string>;
let dpop: DpopBinding;
beforeAll(async () => {
  key = await createDpopKey();
});
beforeEach(() => {
  spent = new Set();
  dpop = createDpopBinding({
    calledAddress: () => ISSUER,
    nonces,
    nonceRequired: false,
  });
});

const usedIdentifiers: UsedIdentifiers = {
  remember: async (use, identifier) => {
    const isNew = !spent.has(`${use} ${identifier}`);
    spent.add(`${use} ${identifier}`);
    return isNew;
  },
};

async function contextWith(of?: Partial<ProofOf>): Promise<RequestContext> {
  const context = { at: NOW, requestId: 'req_1', address: '192.0.2.1' };
  if (of === undefined) return context;
  const header = await key.proof({ url: ISSUER + PATH, at: NOW, ...of });
  return { ...context, dpop: { header, method: 'POST', origin: ISSUER, path: PATH } };
}

async function outcomeOf(
  jkt: string | undefined,
  context: RequestContext,
  of = client,
): Promise<string | undefined> {
  try {
    const form = new Form(jkt === undefined ? {} : { dpop_jkt: jkt });
    return await pushedDpopJkt(form, context, of, { dpop, usedIdentifiers });
  } catch (error) {
    if (error instanceof OAuthError) return error.code;
    throw error;
  }
}

describe('a pushed authorization request (RFC 9449 §10.1)', () => {
  it('is refused with a dpop_jkt of another key than its proof', async () => {
    expect(await outcomeOf('x'.repeat(43), await contextWith({}))).toBe('invalid_request');
    expect(spent.size).toBe(0);
  });

  it.each([
    ['made for the token endpoint', { url: `${ISSUER}/api/token` }],
    ['made for the path without the issuer’s', { url: `https://id.example${PATH}` }],
    ['an hour old', { at: NOW - 3600_000 }],
    ['of another type', { header: { typ: 'jwt' } }],
  ])('is refused with a proof %s', async (_what, of) => {
    expect(await outcomeOf(undefined, await contextWith(of))).toBe('invalid_dpop_proof');
    expect(spent.size).toBe(0);
  });

  it('is refused with a proof that was used before', async () => {
    const context = await contextWith({});
    expect(await outcomeOf(undefined, context)).toBe(key.jkt);
    expect(await outcomeOf(undefined, context)).toBe('invalid_dpop_proof');
  });

  it('is asked for a nonce under fapi2', async () => {
    const fapi = { ...client, metadata: { security_profile: 'fapi2' } };
    expect(await outcomeOf(undefined, await contextWith({}), fapi)).toBe('use_dpop_nonce');
    const claims = { nonce: nonces.current(NOW) };
    expect(await outcomeOf(undefined, await contextWith({ claims }), fapi)).toBe(key.jkt);
  });

  it('names its key by either, by both, or by none', async () => {
    expect(await outcomeOf(undefined, await contextWith())).toBeUndefined();
    expect(await outcomeOf(key.jkt, await contextWith())).toBe(key.jkt);
    expect(await outcomeOf(key.jkt, await contextWith({}))).toBe(key.jkt);
  });
});
