import { generateSigningKey, hashTokenString, importSigningKey } from '@tessera/tokens';
import type { GeneratedSigningKey } from '@tessera/tokens';
import { createCoseSigner, createMacKey, kidBytes } from '@tessera/tokens/cose';
import { encodeClaims } from '@tessera/tokens/cwt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  JWKS_PATH,
  NOW,
  startAuthorizationServer,
} from '../../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../../testing/authorization-server.ts';
import type { PresentedRequest } from '../bearer.ts';
import { tokenIdHash } from '../revocation.ts';
import { TokenError } from '../token-error.ts';
import { createVerifier } from '../verifier.ts';
import type { Verifier } from '../verifier.ts';

let server: TestAuthorizationServer;
let foreignKey: GeneratedSigningKey;
let rsaKey: GeneratedSigningKey;
let verifier: Verifier;
let now = NOW;

beforeAll(async () => {
  [server, foreignKey, rsaKey] = await Promise.all([
    startAuthorizationServer(),
    generateSigningKey('ES256'),
    generateSigningKey('RS256'),
  ]);
  server.keys.push(rsaKey);
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  server.hits.clear();
  verifier = createVerifier({ issuer: server.issuer, audience: AUDIENCE, clock: () => now });
});

const bearer = (token: string): PresentedRequest => ({
  url: '/',
  headers: { authorization: `Bearer ${token}` },
});
const typ = new Map([[16, 'application/at+cwt']]);

async function codeOf(presented: PresentedRequest | string, scopes?: readonly string[]): Promise<string> {
  try {
    await verifier.verify(presented, scopes === undefined ? {} : { scopes });
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A message that is made with the published key, or with another secret. */
function message(options: Parameters<typeof createCoseSigner>[1], payload: object, mac = false): string {
  const handle = importSigningKey(server.keys[0]!);
  const key = { kid: kidBytes(handle.kid), alg: 'ES256', key: handle.privateKey } as const;
  const { privateKeyPkcs8 } = server.keys[0]!;
  const signer = createCoseSigner(mac ? createMacKey({ secret: privateKeyPkcs8 }) : key, options);
  return Buffer.from(signer.sign(encodeClaims({ ...payload }))).toString('base64url');
}

describe('a CWT access token is refused', () => {
  it.each<[string, string, () => string]>([
    [
      'malformed_token',
      'of another type (RFC 8725 §3.11)',
      () => server.signCwt({}, { typ: 'application/cwt' }),
    ],
    ['malformed_token', 'without a type', () => message({}, server.claims({ jti: 'AAAA' }))],
    ['malformed_token', 'with padding', () => `${server.signCwt()}=`],
    ['malformed_token', 'with a byte more', () => `${server.signCwt()}AAAA`],
    ['malformed_token', 'that is cut short', () => server.signCwt().slice(0, -8)],
    ['malformed_token', 'larger than 16 kB', () => server.signCwt({ scope: 'a'.repeat(17_000) })],
    [
      'malformed_token',
      'that is a MAC',
      () => message({ protectedHeader: typ }, server.claims({ jti: 'AAAA' }), true),
    ],
    ['unknown_key', 'of a key that is not published', () => server.signCwt({}, { key: foreignKey })],
    [
      'unknown_key',
      'of a key of another algorithm',
      () => server.signCwt({}, { key: { ...foreignKey, kid: rsaKey.kid } }),
    ],
    [
      'bad_signature',
      'of a key that calls itself like a published one',
      () => server.signCwt({}, { key: { ...foreignKey, kid: server.keys[0]!.kid } }),
    ],
    ['wrong_issuer', 'of another issuer', () => server.signCwt({ iss: 'https://evil.example' })],
    ['wrong_audience', 'for another API', () => server.signCwt({ aud: 'https://other.example/' })],
    ['expired', 'at exp (RFC 8392 §3.1.4)', () => server.signCwt({ exp: NOW / 1000 })],
    ['not_yet_valid', 'before nbf', () => server.signCwt({ nbf: NOW / 1000 + 6 })],
    ['invalid_claims', 'without an issuer', () => server.signCwt({ iss: undefined })],
    ['invalid_claims', 'without a client', () => server.signCwt({ client_id: undefined })],
    ['invalid_claims', 'without an end', () => server.signCwt({ exp: undefined })],
    ['invalid_claims', 'with a fraction of a second', () => server.signCwt({ exp: EXP + 0.5 })],
    ['invalid_claims', 'with scope as a list', () => server.signCwt({ scope: ['read'] })],
    [
      'bound',
      'that is bound to a key, when it comes alone',
      () => server.signCwt({ cnf: { jkt: 'A'.repeat(43) } }),
    ],
    [
      'invalid_claims',
      'that is bound to something unknown (RFC 8747 §3.3)',
      () => server.signCwt({ cnf: { kid: 'AAAA' } }),
    ],
  ])('%s: %s', async (code, _, token) => {
    expect(await codeOf(bearer(token()))).toBe(code);
  });

  it('when it lacks a scope', async () => {
    expect(await codeOf(server.signCwt(), ['admin'])).toBe('insufficient_scope');
    expect(await codeOf(server.signCwt(), ['read'])).toBe('accepted');
  });

  it('to the second (RFC 8392 §3.1.4)', async () => {
    const token = server.signCwt();
    now = EXP * 1000 - 1;
    expect(await codeOf(token)).toBe('accepted');
    now = EXP * 1000;
    expect(await codeOf(token)).toBe('expired');
  });

  it('before anybody is asked for keys, when its issuer is not trusted', async () => {
    await codeOf(server.signCwt({ iss: 'https://evil.example' }));
    expect(server.hits.get(JWKS_PATH)).toBeUndefined();
  });
});

describe('a CWT access token', () => {
  it('gives the same object as a JWT', async () => {
    const change = { org_id: 'org_1', jti: 'AAECAwQFBgcICQoLDA0ODw' };
    const jwt = await verifier.verify(bearer(server.sign(change)), { scopes: ['read'] });
    const cwt = await verifier.verify(bearer(server.signCwt(change)), { scopes: ['read'] });
    expect(cwt).toEqual({ ...jwt, format: 'cwt' });
    const hash = tokenIdHash({ token: server.signCwt(change), accessToken: cwt });
    expect(hash).toEqual(hashTokenString(change.jti));
  });

  it('passes with the tag of a COSE_Sign1 alone', async () => {
    const token = message({ protectedHeader: typ, tags: 'cose' }, server.claims({ jti: 'AAAA' }));
    expect(await verifier.verify(bearer(token))).toMatchObject({ format: 'cwt', sub: 'usr_ada' });
  });

  it('asks for the keys once', async () => {
    await Promise.all([codeOf(server.signCwt()), codeOf(server.signCwt()), codeOf(server.signCwt())]);
    expect(await codeOf(server.signCwt())).toBe('accepted');
    expect(server.hits.get(JWKS_PATH)).toBe(1);
  });

  it('is remembered until it is revoked, its key is taken back, or it ends', async () => {
    const own = await startAuthorizationServer();
    const [key] = own.keys;
    const ownVerifier = createVerifier({ issuer: own.issuer, audience: AUDIENCE, clock: () => now });
    const token = own.signCwt({ jti: 'AAECAwQFBgcICQoLDA0ODw' });
    const first = await ownVerifier.verify(token);
    expect(await ownVerifier.verify(token)).toBe(first);
    ownVerifier.forget(hashTokenString('AAECAwQFBgcICQoLDA0ODw'));
    expect(await ownVerifier.verify(token)).not.toBe(first);
    own.keys = [foreignKey];
    now += 300_000;
    await expect(ownVerifier.verify(token)).rejects.toMatchObject({ code: 'unknown_key' });
    own.keys = [key!];
    now += 300_000;
    await expect(ownVerifier.verify(token)).resolves.toMatchObject({ format: 'cwt' });
    now = EXP * 1000;
    await expect(ownVerifier.verify(token)).rejects.toMatchObject({ code: 'expired' });
    await own.close();
  });
});
