// Access tokens as CWTs (RFC 8392): what a JWT does, in every place that takes or gives a token, on both databases.
import { createHash } from 'node:crypto';
import { Sign1 } from '@auth0/cose';
import { createVerifier, type Verifier } from '@tessera/verifier';
import { importJWK } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeCbor, diagnostic } from '@tessera/tokens/cbor';
import { decodeCose } from '@tessera/tokens/cose';
import { decodeCwt } from '@tessera/tokens/cwt';
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
import { MUSIC, type RegisteredClient } from '../registrations.ts';

const SENSOR = 'https://sensor.example/';
const OTHER = 'https://other-sensor.example/';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

describe.each(STORES)('CWT access tokens on %s', (store) => {
  let server: TestServer;
  let service: RegisteredClient;
  let verifier: Verifier;
  let adminToken: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    const grantTypes = ['client_credentials', TOKEN_EXCHANGE_GRANT] as const;
    service = await server.registerClient({ id: 'sensor-service', redirectUris: [], grantTypes });
    const shared = {
      resourceServers: ['sensor-service', 'music-server'],
      tokenExchangeClients: ['sensor-service'],
    };
    await server.registerResource({ identifier: SENSOR, tokenFormat: 'cwt', ...shared });
    await server.registerResource({ identifier: OTHER, tokenFormat: 'cwt', ...shared });
    verifier = createVerifier({ issuer: server.issuer, audience: SENSOR, clock: server.clock.now });
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
  });
  afterEach(() => server.clock.reset());
  afterAll(() => server?.close());

  const ownToken = async (parameters: Parameters = {}, options?: CallOptions): Promise<string> => {
    const request = { grant_type: 'client_credentials', resource: SENSOR, scope: 'read', ...parameters };
    return tokensOf(await requestToken(server, request, server.clients.confidential, options)).accessToken;
  };
  const personToken = () =>
    obtainTokens(server, server.newBrowser(), { parameters: { resource: SENSOR, scope: 'read write' } });

  it('carry the claims of a JWT under the integers of the registry (RFC 8392 §4)', async () => {
    const token = await ownToken();
    const message = decodeCose(Buffer.from(token, 'base64url'));
    expect(message).toMatchObject({ cwtTag: true, type: 'sign1', alg: -7, typ: 'application/at+cwt' });
    const claims = decodeCbor(message.payload, { sorted: true });
    expect(diagnostic(claims)).toMatch(
      /^\{1: "http[^"]+", 2: "confidential", 3: "https:\/\/sensor\.example\/", 4: \d+, 6: \d+, 7: h'[0-9a-f]{32}', 9: "read", 65535: \{"status_list": \{"idx": \d+, "uri": "http[^"]+\/status-lists\/\d+"\}\}, "org_id": "[^"]+", "client_id": "confidential"\}$/,
    );
  });

  it('hold under the published key for another library', async () => {
    const token = await ownToken();
    const { body } = await read(await fetch(`${server.base}/.well-known/jwks.json`));
    const kid = Buffer.from(decodeCose(Buffer.from(token, 'base64url')).kid ?? []).toString();
    const jwk = (body['keys'] as { kid: string }[]).find((key) => key.kid === kid);
    const key = await importJWK({ ...jwk, alg: 'ES256' });
    // It knows COSE messages, not the tag of CWTs before them.
    const message = Sign1.decode(Buffer.from(token, 'base64url').subarray(2));
    await expect(message.verify(key as CryptoKey)).resolves.toBeUndefined();
  });

  it('pass at the verifier, for a program and for a person, until they end to the second', async () => {
    const own = await verifier.verify(await ownToken(), { scopes: ['read'] });
    expect(own).toMatchObject({ format: 'cwt', kind: 'client', clientId: 'confidential', aud: [SENSOR] });
    const { accessToken } = await personToken();
    const accepted = await verifier.verify(accessToken, { scopes: ['read', 'write'] });
    expect(accepted).toMatchObject({ kind: 'user', sub: server.person.user.id, exp: accepted.iat + 3600 });
    expect(accepted.claims['auth_time']).toBeTypeOf('number');
    server.clock.stopAt(accepted.exp * SECOND - 1);
    await expect(verifier.verify(accessToken)).resolves.toMatchObject({ active: true });
    server.clock.stopAt(accepted.exp * SECOND);
    await expect(verifier.verify(accessToken)).rejects.toMatchObject({ code: 'expired' });
    expect((await introspect(server, accessToken)).body).toEqual({
      active: false,
      tessera_reason: 'expired',
    });
  });

  it('are for one API, and not for the server', async () => {
    const token = await ownToken({ resource: OTHER });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'wrong_audience' });
    const { accessToken } = await personToken();
    expect((await userinfo(server, accessToken)).status).toBe(401);
    const profile = await fetch(`${server.base}/account/v1/profile`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(profile.status).toBe(401);
  });

  it('are refreshed as CWTs', async () => {
    const { refreshToken } = await personToken();
    const next = tokensOf(
      await refresh(server, refreshToken, server.clients.confidential, { resource: SENSOR }),
    );
    await expect(verifier.verify(next.accessToken)).resolves.toMatchObject({ format: 'cwt', kind: 'user' });
  });

  it('are introspected and revoked like any other, and leave a row', async () => {
    const token = await ownToken();
    const { jti, exp } = decodeCwt(token)!.payload;
    const idHash = createHash('sha256').update(String(jti)).digest('base64url');
    const active = await introspect(server, token);
    expect(active.body).toMatchObject({ active: true, aud: SENSOR, scope: 'read', exp, jti: idHash });
    const stranger = await introspect(server, token, server.clients.otherServer);
    expect(stranger.body).toEqual({ active: false });
    const row = await server.tessera.store.accessTokens.find(Buffer.from(idHash, 'base64url'));
    expect(row?.row).toMatchObject({
      format: 'cwt',
      clientId: 'confidential',
      lifetimeReason: expect.any(String),
    });
    expect((await revoke(server, token, service)).status).toBe(200);
    expect((await introspect(server, token)).body['active']).toBe(true);
    expect((await revoke(server, token, server.clients.confidential)).status).toBe(200);
    expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'revoked' });
    expect((await server.auditEvents('token.revoked')).length).toBeGreaterThan(0);
  });

  it('are nothing once a byte of them is another one', async () => {
    const token = await ownToken();
    const bytes = Buffer.from(token, 'base64url');
    for (const index of [0, 5, 10, 60, 100, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      const other = changed.toString('base64url');
      expect((await introspect(server, other)).body).toEqual({ active: false });
      expect((await revoke(server, other, server.clients.confidential)).status).toBe(200);
    }
    expect((await introspect(server, token)).body['active']).toBe(true);
  });

  it('are told from a URL as exposed, and are in no log', async () => {
    const token = await ownToken();
    const before = (await server.auditEvents('token.exposed')).length;
    const asked = await fetch(`${server.base}/userinfo?access_token=${token}`);
    expect(asked.status).toBe(400);
    expect(await server.auditEvents('token.exposed')).toHaveLength(before + 1);
    expect(server.log.join('\n')).not.toContain(token.slice(4, 40));
  });

  it('are shown and revoked by the admin API', async () => {
    const token = await ownToken();
    const call = (body: object) =>
      fetch(`${server.base}/admin/v1/tokens/revoke`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(read);
    expect(await call({ token })).toMatchObject({
      status: 200,
      body: { format: 'cwt', status: 'revoked', resource: SENSOR, client_id: 'confidential' },
    });
    expect((await introspect(server, token)).body['active']).toBe(false);
    expect((await call({ token: '2D3ShEOhASag' })).status).toBe(400);
  });

  it('are exchanged, as an access token and not as a JWT (RFC 8693)', async () => {
    const { accessToken } = await personToken();
    const trade = (more: Parameters) =>
      requestToken(
        server,
        {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: accessToken,
          subject_token_type: ACCESS_TOKEN,
          resource: OTHER,
          scope: 'read',
          ...more,
        },
        service,
      );
    expect((await trade({ subject_token_type: JWT })).body['error']).toBe('invalid_request');
    expect((await trade({ requested_token_type: JWT })).body['error']).toBe('invalid_request');
    const traded = decodeCwt(tokensOf(await trade({})).accessToken)!.payload;
    expect(traded).toMatchObject({ aud: OTHER, sub: server.person.user.id, act: { sub: 'sensor-service' } });
  });

  it('are bound to a key like any other (RFC 9449, RFC 8747)', async () => {
    const key = await createDpopKey();
    const proof = await key.proof({ url: `${server.issuer}/api/token`, at: server.clock.now() });
    const token = await ownToken({}, { headers: { dpop: proof } });
    expect(decodeCwt(token)!.payload['cnf']).toEqual({ jkt: key.jkt });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'bound' });
    const request = async (accessToken: string) => ({
      method: 'GET',
      url: `${SENSOR}readings`,
      headers: {
        host: 'sensor.example',
        authorization: `DPoP ${token}`,
        dpop: await key.proof({
          method: 'GET',
          url: `${SENSOR}readings`,
          at: server.clock.now(),
          accessToken,
        }),
      },
    });
    await expect(verifier.verify(await request('another'))).rejects.toMatchObject({ code: 'bad_proof' });
    await expect(verifier.verify(await request(token))).resolves.toMatchObject({
      confirmation: { jkt: key.jkt },
    });
  });

  it('name another API than JWTs do, and leave those as they were', async () => {
    const jwt = await ownToken({ resource: MUSIC, scope: undefined });
    expect(jwt.split('.')).toHaveLength(3);
  });

  it('are chosen through the admin API, and only with ES256', async () => {
    const call = (body: object) =>
      fetch(`${server.base}/admin/v1/resources`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Sensor', token_format: 'cwt', ...body }),
      }).then(read);
    expect((await call({ identifier: 'https://a.example/', signing_alg: 'RS256' })).status).toBe(400);
    const made = await call({ identifier: 'https://a.example/' });
    expect(made).toMatchObject({ status: 201, body: { token_format: 'cwt', signing_alg: 'ES256' } });
    await expect(ownToken({ resource: 'https://a.example/', scope: undefined })).resolves.toMatch(/^2D3S/);
  });
});
