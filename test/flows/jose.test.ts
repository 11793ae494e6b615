// Our tokens in the hands of an independent library: verified from discovery alone, before and after a key rotation.
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR, MINUTE } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { obtainTokens, read, requestToken, type Tokens, tokensOf } from '../oauth-calls.ts';
import { MUSIC } from '../registrations.ts';

describe.each(STORES)('jose on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let keys: JWTVerifyGetKey;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    keys = await discoverKeys();
  });
  afterAll(() => server?.close());

  async function discoverKeys(): Promise<JWTVerifyGetKey> {
    const { body } = await read(await fetch(`${server.issuer}/.well-known/openid-configuration`));
    expect(body['issuer']).toBe(server.issuer);
    return createRemoteJWKSet(new URL(String(body['jwks_uri'])), { cooldownDuration: 0 });
  }

  const obtain = (): Promise<Tokens> =>
    obtainTokens(server, browser, {
      parameters: { scope: 'openid catalog-read', resource: MUSIC, nonce: 'n' },
    });

  const now = (): { currentDate: Date } => ({ currentDate: new Date(server.clock.now()) });

  /** RFC 9068 §4. */
  const verifyAccessToken = (token: string, audience = MUSIC) =>
    jwtVerify(token, keys, {
      issuer: server.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
      ...now(),
    });

  /** OpenID Connect Core §3.1.3.7. */
  const verifyIdToken = (token: string) =>
    jwtVerify(token, keys, {
      issuer: server.issuer,
      audience: 'confidential',
      algorithms: ['RS256'],
      ...now(),
    });

  it('refuses an access token for another audience, after its end, and when changed', async () => {
    const { accessToken } = await obtain();
    await expect(verifyAccessToken(accessToken, 'https://other.example/')).rejects.toThrow(/aud/);
    const [header = '', , signature = ''] = accessToken.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'root' })).toString('base64url');
    await expect(verifyAccessToken(`${header}.${claims}.${signature}`)).rejects.toThrow(/signature/);
    server.clock.advance(HOUR);
    await expect(verifyAccessToken(accessToken)).rejects.toThrow(/exp/);
    server.clock.reset();
  });

  it('refuses an ID token as an access token', async () => {
    const { idToken } = await obtain();
    await expect(verifyAccessToken(idToken)).rejects.toThrow();
  });

  it('verifies the access token of a person (RFC 9068, S7)', async () => {
    const { accessToken } = await obtain();
    const { payload, protectedHeader } = await verifyAccessToken(accessToken);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) as unknown });
    expect(payload).toMatchObject({
      sub: server.person.user.id,
      client_id: 'confidential',
      scope: 'openid catalog-read',
      aud: MUSIC,
    });
    expect(payload.exp! - payload.iat!).toBe(3600);
  });

  it('verifies the access token of a client (RFC 9068 §2.2)', async () => {
    const parameters = { grant_type: 'client_credentials', resource: MUSIC };
    const { accessToken } = tokensOf(await requestToken(server, parameters, server.clients.confidential));
    const { payload } = await verifyAccessToken(accessToken);
    expect(payload).toMatchObject({ sub: 'confidential', client_id: 'confidential' });
    expect(payload['auth_time']).toBeUndefined();
  });

  it('verifies the ID token (OpenID Connect Core §3.1.3.7)', async () => {
    const { idToken } = await obtain();
    const { payload } = await verifyIdToken(idToken);
    expect(payload).toMatchObject({ sub: server.person.user.id, nonce: 'n', aud: 'confidential' });
  });

  it.each(['ES256', 'RS256'] as const)('verifies on through a rotation of the %s key (R11)', async (alg) => {
    const verify = async ({ accessToken, idToken }: Tokens): Promise<string | undefined> => {
      const [access, id] = await Promise.all([verifyAccessToken(accessToken), verifyIdToken(idToken)]);
      return alg === 'ES256' ? access.protectedHeader.kid : id.protectedHeader.kid;
    };
    const before = await obtain();
    const oldKid = await verify(before);
    const audit = {
      id: `evt_${alg}`,
      at: server.clock.now(),
      type: 'key.rotated',
      outcome: 'success',
      actor: 'x',
    } as const;
    const { kid } = await server.tessera.keyRing.rotate(alg, { immediately: false, audit });
    expect(kid).not.toBe(oldKid);

    const meanwhile = await obtain();
    expect(
      await verify(meanwhile),
      'the new key does not sign before it has been published for a while',
    ).toBe(oldKid);
    server.clock.advance(11 * MINUTE);
    keys = await discoverKeys();
    const after = await obtain();
    expect(await verify(after)).toBe(kid);
    expect(await verify(meanwhile), 'the old key stays published').toBe(oldKid);

    server.clock.advance(26 * HOUR);
    const { body } = await read(await fetch(`${server.issuer}/.well-known/jwks.json`));
    const published = (body['keys'] as readonly { readonly kid: string }[]).map((key) => key.kid);
    expect(published).toContain(kid);
    expect(published, 'once nothing it signed is good any more, it leaves').not.toContain(oldKid);
    server.clock.reset();
    // The old key is there again by this clock; else that would be noticed some time during what follows.
    await server.tessera.keyRing.refresh();
    keys = await discoverKeys();
  });

  it('finds in the key set public members only, and a name for each (JK-01)', async () => {
    const answer = await read(await fetch(`${server.issuer}/.well-known/jwks.json`));
    expect(answer.headers.get('cache-control')).toMatch(/max-age=\d+/);
    const published = answer.body['keys'] as readonly Readonly<Record<string, unknown>>[];
    expect(new Set(published.map(({ kid }) => kid)).size).toBe(published.length);
    for (const key of published) {
      expect(Object.keys(key).toSorted()).toEqual(
        key['kty'] === 'RSA'
          ? ['alg', 'e', 'kid', 'kty', 'n', 'use']
          : ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      );
      expect(key['use']).toBe('sig');
    }
    const { accessToken, idToken } = await obtain();
    for (const token of [accessToken, idToken]) {
      expect(published.map(({ kid }) => kid)).toContain(decodeProtectedHeader(token).kid);
    }
  });
});
