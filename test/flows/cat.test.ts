// Access tokens as Common Access Tokens (CTA-5007): with a secret of the API or a published key, on both databases.
import { createHash } from 'node:crypto';
import { CAT } from '@eyevinn/cat';
import { catClaimsToJson, decodeCat, explainCat, verifyCatRequest } from '@tessera/tokens/cat';
import { importJwkForCose } from '@tessera/tokens/cose';
import { createVerifier, type Verifier } from '@tessera/verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { createDpopKey } from '../dpop-key.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import {
  type CallOptions,
  introspect,
  obtainTokens,
  type Parameters,
  read,
  refresh,
  requestToken,
  revoke,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

/** An API of ours, whose server is registered. */
const SEGMENTS = 'https://segments.example/';
/** A CDN: nobody there is a client here. */
const CDN = 'https://cdn.example/';
/** Tokens with a published key. */
const SIGNED = 'https://signed.example/';
/** Tokens that are JWTs. */
const CATALOGUE = 'https://catalogue.example/';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

type Jwk = Readonly<Record<'kty' | 'k' | 'kid' | 'alg', string>>;

describe.each(STORES)('Common Access Tokens on %s', (store) => {
  let server: TestServer;
  let service: RegisteredClient;
  let adminToken: string;
  let secrets: Readonly<Record<string, Jwk>>;
  let verifier: Verifier;

  const admin = (path: string, body?: object, method = 'POST') =>
    fetch(`${server.base}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).then(read);

  beforeAll(async () => {
    server = await startTestServer({ store });
    const grantTypes = ['client_credentials', TOKEN_EXCHANGE_GRANT] as const;
    service = await server.registerClient({ id: 'segment-service', redirectUris: [], grantTypes });
    const shared = { tokenFormat: 'cat', tokenExchangeClients: ['segment-service'] } as const;
    const ours = { ...shared, resourceServers: ['segment-service', 'music-server'] };
    const resources = [
      await server.registerResource({ identifier: SEGMENTS, signingAlg: 'HS256', ...ours }),
      await server.registerResource({ identifier: CDN, signingAlg: 'HS256', ...shared, resourceServers: [] }),
    ];
    await server.registerResource({ identifier: SIGNED, signingAlg: 'ES256', ...ours });
    await server.registerResource({
      identifier: CATALOGUE,
      tokenFormat: 'jwt',
      resourceServers: ['segment-service'],
    });
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
    const handedOut = await Promise.all(
      resources.map(async ({ id, identifier }) => [
        identifier,
        (await admin(`/resources/${id}/cat-key`)).body,
      ]),
    );
    secrets = Object.fromEntries(handedOut) as Record<string, Jwk>;
    verifier = newVerifier(SEGMENTS);
  });
  afterEach(() => server.clock.reset());
  afterAll(() => server?.close());

  function newVerifier(audience: string): Verifier {
    const keys = secrets[audience] === undefined ? [] : [secrets[audience]];
    return createVerifier({ issuer: server.issuer, audience, keys, clock: server.clock.now });
  }
  const ownToken = async (parameters: Parameters = {}, options?: CallOptions): Promise<string> => {
    const request = { grant_type: 'client_credentials', resource: SEGMENTS, scope: 'read', ...parameters };
    return tokensOf(await requestToken(server, request, server.clients.confidential, options)).accessToken;
  };
  const personToken = (resource = SEGMENTS) =>
    obtainTokens(server, server.newBrowser(), { parameters: { resource, scope: 'read write' } });
  const presenting = (token: string, url = SEGMENTS) => ({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${token}` },
  });

  it('carry the claims of CTA-5007, and scope and client where the verifier is ours', async () => {
    const { message, claims } = decodeCat(await ownToken());
    expect(message).toMatchObject({ cwtTag: true, type: 'mac0', alg: 5 });
    const said = {
      iss: server.issuer,
      sub: 'confidential',
      aud: SEGMENTS,
      exp: expect.any(Number),
      iat: expect.any(Number),
      cti: expect.stringMatching(/^[0-9a-f]{32}$/),
      catv: 1,
    };
    expect(catClaimsToJson(claims)).toEqual({ ...said, scope: 'read', client_id: 'confidential' });
    const cdn = decodeCat(await ownToken({ resource: CDN }));
    expect(catClaimsToJson(cdn.claims)).toEqual({ ...said, aud: CDN });
  });

  it('are made with a secret that is read once, sealed at rest, and never published', async () => {
    const { body } = await admin('/resources', undefined, 'GET');
    const [resource] = (body['items'] as { id: string; identifier: string }[]).filter(
      ({ identifier }) => identifier === CDN,
    );
    const again = await admin(`/resources/${resource!.id}/cat-key`);
    expect(again).toMatchObject({ status: 409 });
    expect(JSON.stringify(again.body)).toContain('#already_read');
    expect((await server.auditEvents('resource.cat_key_read')).length).toBe(2);
    expect(secrets[CDN]?.k).not.toBe(secrets[SEGMENTS]?.k);
    const published = await (await fetch(`${server.base}/.well-known/jwks.json`)).text();
    for (const { k, kid } of Object.values(secrets)) {
      expect(published).not.toContain(k);
      expect(published).not.toContain(kid);
    }
    const name = `cat-key:${secrets[CDN]?.kid}`;
    const sealed = await server.tessera.store.sealedSecrets.ensure(name, new Uint8Array());
    expect(Buffer.from(sealed).includes(Buffer.from(secrets[CDN]!.k, 'base64url'))).toBe(false);
    const none = (body['items'] as { id: string; identifier: string }[]).find(
      (each) => each.identifier === SIGNED,
    );
    expect((await admin(`/resources/${none!.id}/cat-key`)).status).toBe(404);
  });

  it('hold for another library', async () => {
    const { k, kid } = secrets[CDN]!;
    const library = new CAT({ keys: { [kid]: Buffer.from(k, 'base64url') }, expectCwtTag: true });
    const { cat, error } = await library.validate(await ownToken({ resource: CDN }), 'mac', {
      issuer: server.issuer,
      audience: [CDN],
    });
    expect(error).toBeUndefined();
    expect(cat?.claims).toMatchObject({ aud: CDN, sub: 'confidential' });
  });

  it('pass at the verifier, for a program and for a person, until they end to the second', async () => {
    const own = await verifier.verify(presenting(await ownToken()), { scopes: ['read'] });
    expect(own).toMatchObject({ format: 'cat', kind: 'client', clientId: 'confidential', aud: [SEGMENTS] });
    const { accessToken } = await personToken();
    const accepted = await verifier.verify(presenting(accessToken), { scopes: ['read', 'write'] });
    expect(accepted).toMatchObject({ kind: 'user', sub: server.person.user.id, exp: accepted.iat + 3600 });
    server.clock.stopAt(accepted.exp * SECOND - 1);
    await expect(verifier.verify(presenting(accessToken))).resolves.toMatchObject({ active: true });
    server.clock.stopAt(accepted.exp * SECOND);
    await expect(verifier.verify(presenting(accessToken))).rejects.toMatchObject({ code: 'expired' });
    expect((await introspect(server, accessToken)).body).toEqual({
      active: false,
      tessera_reason: 'expired',
    });
  });

  it('with ES256 need no secret', async () => {
    const token = await ownToken({ resource: SIGNED });
    expect(decodeCat(token).message).toMatchObject({ type: 'sign1', alg: -7, typ: 'CAT' });
    const accepted = await newVerifier(SIGNED).verify(presenting(token), { scopes: ['read'] });
    expect(accepted).toMatchObject({ format: 'cat', clientId: 'confidential' });
    expect((await introspect(server, token)).body).toMatchObject({ active: true, aud: SIGNED });
  });

  it('are for one API, and not for the server', async () => {
    for (const resource of [CDN, SIGNED]) {
      const token = await ownToken({ resource });
      await expect(verifier.verify(presenting(token))).rejects.toMatchObject({ error: 'invalid_token' });
    }
    const { accessToken } = await personToken();
    expect((await userinfo(server, accessToken)).status).toBe(401);
    const profile = await fetch(`${server.base}/account/v1/profile`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(profile.status).toBe(401);
  });

  it('are refreshed as CATs', async () => {
    const { refreshToken } = await personToken();
    const parameters = { resource: SEGMENTS };
    const next = tokensOf(await refresh(server, refreshToken, server.clients.confidential, parameters));
    await expect(verifier.verify(presenting(next.accessToken))).resolves.toMatchObject({ kind: 'user' });
  });

  it.each([SEGMENTS, SIGNED])(
    'for %s are introspected and revoked like any other, and leave a row',
    async (aud) => {
      const token = await ownToken({ resource: aud });
      const cti = decodeCat(token).claims.get(7) as Uint8Array;
      const jti = Buffer.from(cti).toString('base64url');
      const idHash = createHash('sha256').update(jti).digest('base64url');
      const active = await introspect(server, token);
      expect(active.body).toMatchObject({ active: true, aud, scope: 'read', jti: idHash });
      expect((await introspect(server, token, server.clients.otherServer)).body).toEqual({ active: false });
      const row = await server.tessera.store.accessTokens.find(Buffer.from(idHash, 'base64url'));
      expect(row?.row).toMatchObject({ format: 'cat', clientId: 'confidential' });
      expect((await revoke(server, token, service)).status).toBe(200);
      expect((await introspect(server, token)).body['active']).toBe(true);
      expect((await revoke(server, token, server.clients.confidential)).status).toBe(200);
      expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'revoked' });
    },
  );

  it('are nothing once a byte of them is another one', async () => {
    const token = await ownToken();
    const bytes = Buffer.from(token, 'base64url');
    for (const index of [0, 4, 8, 12, 60, 100, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      const other = changed.toString('base64url');
      expect((await introspect(server, other)).body).toEqual({ active: false });
      expect((await revoke(server, other, server.clients.confidential)).status).toBe(200);
    }
    expect((await introspect(server, token)).body['active']).toBe(true);
  });

  it('are shown and revoked by the admin API', async () => {
    const token = await ownToken();
    expect(await admin('/tokens/revoke', { token })).toMatchObject({
      status: 200,
      body: { format: 'cat', status: 'revoked', resource: SEGMENTS, client_id: 'confidential' },
    });
    expect((await introspect(server, token)).body['active']).toBe(false);
    expect((await admin('/tokens/revoke', { token: '2D3RhEOhAQWg' })).status).toBe(400);
  });

  it('are what a JWT is exchanged for where the API takes them (RFC 8693)', async () => {
    const { accessToken } = await personToken(CATALOGUE);
    expect(accessToken.split('.')).toHaveLength(3);
    const trade = (more: Parameters) =>
      requestToken(
        server,
        {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: accessToken,
          subject_token_type: ACCESS_TOKEN,
          scope: 'read',
          ...more,
        },
        service,
      );
    expect((await trade({ resource: CDN, requested_token_type: JWT })).body['error']).toBe('invalid_request');
    for (const target of [{ resource: CDN }, { audience: CDN }]) {
      const traded = await trade(target);
      expect(traded.body['issued_token_type']).toBe(ACCESS_TOKEN);
      const cat = tokensOf(traded).accessToken;
      expect(catClaimsToJson(decodeCat(cat).claims)).toMatchObject({ aud: CDN, sub: server.person.user.id });
      await expect(newVerifier(CDN).verify(presenting(cat, CDN))).resolves.toMatchObject({ format: 'cat' });
    }
    const cat = tokensOf(await trade({ resource: SEGMENTS })).accessToken;
    const further = await requestToken(
      server,
      {
        grant_type: TOKEN_EXCHANGE_GRANT,
        subject_token: cat,
        subject_token_type: ACCESS_TOKEN,
        resource: SIGNED,
        scope: 'read',
      },
      service,
    );
    expect(decodeCat(tokensOf(further).accessToken).claims.get(2)).toBe(server.person.user.id);
  });

  it('are bound to a key like any other (RFC 9449, CTA-5007 cnf)', async () => {
    const key = await createDpopKey();
    const at = server.clock.now();
    const proof = await key.proof({ url: `${server.issuer}/api/token`, at });
    const token = await ownToken({}, { headers: { dpop: proof } });
    expect(catClaimsToJson(decodeCat(token).claims)['cnf']).toEqual({ jkt: key.jkt });
    await expect(verifier.verify(presenting(token))).rejects.toMatchObject({ code: 'bound' });
    const url = `${SEGMENTS}movie.m3u8`;
    const dpop = await key.proof({ method: 'GET', url, at, accessToken: token });
    const request = { method: 'GET', url, headers: { authorization: `DPoP ${token}`, dpop } };
    await expect(verifier.verify(request)).resolves.toMatchObject({ confirmation: { jkt: key.jkt } });
  });

  it('are chosen through the admin API, with an algorithm that they can have', async () => {
    const call = (body: object) => admin('/resources', { name: 'CDN', ...body });
    const identifier = 'https://another-cdn.example/';
    for (const refused of [
      { token_format: 'cat', signing_alg: 'RS256' },
      { token_format: 'jwt', signing_alg: 'HS256' },
      { token_format: 'cwt', signing_alg: 'HS256' },
      { token_format: 'opaque', signing_alg: 'HS256' },
    ]) {
      expect((await call({ identifier, ...refused })).status).toBe(400);
    }
    const made = await call({ identifier, token_format: 'cat' });
    expect(made).toMatchObject({ status: 201, body: { token_format: 'cat', signing_alg: 'HS256' } });
    await expect(ownToken({ resource: identifier, scope: undefined })).resolves.toMatch(/^2D3R/);
  });

  it('end at a verifier that listens, by themselves and with their grant', async () => {
    const { id, secret = '' } = server.clients.musicServer;
    const listening = createVerifier({
      issuer: server.issuer,
      audience: SEGMENTS,
      keys: [secrets[SEGMENTS]!],
      clientId: id,
      clientSecret: secret,
      clock: server.clock.now,
    });
    const stateOf = async (token: string): Promise<string> =>
      listening.verify(presenting(token)).then(
        () => 'good',
        ({ code }: { code: string }) => code,
      );
    try {
      const [own, kept] = [await ownToken(), await ownToken()];
      const { accessToken, refreshToken } = await personToken();
      await expect.poll(() => stateOf(own)).toBe('good');
      expect([await stateOf(kept), await stateOf(accessToken)]).toEqual(['good', 'good']);
      await revoke(server, own, server.clients.confidential);
      await expect.poll(() => stateOf(own)).toBe('revoked');
      await revoke(server, refreshToken, server.clients.confidential);
      await expect.poll(() => stateOf(accessToken)).toBe('revoked');
      expect(await stateOf(kept)).toBe('good');
    } finally {
      listening.close();
    }
  });

  it('let a player through at a CDN that knows nothing but the secret', async () => {
    const key = importJwkForCose(secrets[CDN])!;
    const policy = { keys: [key], issuers: [server.issuer], audiences: [CDN], clock: server.clock.now };
    const { accessToken } = await personToken(CDN);
    const url = `${CDN}movie/segment-1.m4s?CAT=${accessToken}&quality=high`;
    const { request } = await verifyCatRequest({ url, method: 'GET' }, policy, { query: ['CAT'] });
    expect(request.url).toBe(`${CDN}movie/segment-1.m4s?quality=high`);
    server.clock.stopAt(server.clock.now() + 3601 * SECOND);
    const { error, decisions } = await explainCat(accessToken, { url, method: 'GET' }, policy);
    expect(error).toMatchObject({ code: 'expired', claim: 'exp' });
    expect(decisions.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1);
  });
});
