// One grant, four formats, by the API's setting alone: the same answer of the verifier, and the same end to the second
// at the server, at the verifier and at the gateway. On both databases.
import { createVerifier, type Verifier } from '@tessera/verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import { introspect, obtainTokens, read, refresh, tokensOf } from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const API = 'https://any-format.example/';
const FORMATS = ['opaque', 'jwt', 'cwt', 'cat'] as const;
type Format = (typeof FORMATS)[number];

describe.each(STORES)('one grant on %s', (store) => {
  let server: TestServer;
  let apiServer: RegisteredClient;
  let verifier: Verifier;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let refreshToken: string;
  let inFormat: (format: Format) => Promise<string>;

  beforeAll(async () => {
    server = await startTestServer({ store });
    apiServer = await server.registerClient({ id: 'any-format-server', grantTypes: [] });
    const { id } = await server.registerResource({ identifier: API, resourceServers: [apiServer.id] });
    const credentials = { clientId: apiServer.id, clientSecret: apiServer.secret ?? '' };
    verifier = createVerifier({
      issuer: server.issuer,
      audience: API,
      clock: server.clock.now,
      introspectionCacheSeconds: 60,
      ...credentials,
    });
    upstream = await startUpstream();
    gateway = await startGateway(
      {
        issuers: {
          main: {
            url: server.issuer,
            client_id: apiServer.id,
            client_secret: apiServer.secret,
            introspection_cache_seconds: 60,
          },
        },
        routes: {
          api: {
            path: '/api',
            upstream: upstream.url,
            verify_access_token: { audience: API, scopes_all: ['read'] },
          },
        },
      },
      { clock: server.clock.now },
    );
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    const adminToken = await issueAdminToken(server.tessera, administrator!);
    const parameters = { resource: API, scope: 'read write offline_access' };
    refreshToken = (await obtainTokens(server, server.newBrowser(), { parameters })).refreshToken ?? '';
    inFormat = async (format) => {
      const answer = await fetch(`${server.base}/admin/v1/resources/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ token_format: format, signing_alg: 'ES256' }),
      }).then(read);
      if (answer.status !== 200) throw new Error(`the format was not set: ${answer.status}`);
      return tokensOf(await refresh(server, refreshToken, server.clients.confidential)).accessToken;
    };
  });
  afterEach(() => server.clock.reset());
  afterAll(async () => {
    verifier?.close();
    await gateway?.close();
    await upstream?.close();
    await server?.close();
  });

  const presenting = (token: string) => ({
    method: 'GET',
    url: API,
    headers: { authorization: `Bearer ${token}` },
  });
  const throughGateway = (token: string): Promise<Response> =>
    fetch(`${gateway.url}/api/tracks`, { headers: { authorization: `Bearer ${token}` } });

  it('gives tokens of four formats, and the verifier says the same of all', async () => {
    const said: Record<string, unknown>[] = [];
    for (const format of FORMATS) {
      // oxlint-disable-next-line no-await-in-loop -- one setting, changed one after the other
      const accessToken = await verifier.verify(presenting(await inFormat(format)), { scopes: ['read'] });
      const { claims: _, tokenId, iat, exp, format: itsFormat, ...same } = accessToken;
      expect([itsFormat, exp - iat]).toEqual([format, 3600]);
      expect(format === 'opaque' || tokenId !== undefined).toBe(true);
      said.push(same);
    }
    expect(said[0]).toMatchObject({
      active: true,
      kind: 'user',
      iss: server.issuer,
      sub: server.person.user.id,
      clientId: server.clients.confidential.id,
      aud: [API],
    });
    for (const each of said) expect(each).toEqual(said[0]);
  });

  it.each(FORMATS)(
    '%s: good in its last millisecond, useless at its end, wherever it is shown',
    async (format) => {
      const token = await inFormat(format);
      const { exp } = await verifier.verify(presenting(token));
      expect((await throughGateway(token)).status).toBe(200);
      server.clock.stopAt(exp * SECOND - 1);
      expect((await introspect(server, token, apiServer)).body).toMatchObject({ active: true });
      await expect(verifier.verify(presenting(token))).resolves.toMatchObject({ format });
      expect((await throughGateway(token)).status).toBe(200);
      const reached = upstream.seen.length;
      server.clock.stopAt(exp * SECOND);
      expect((await introspect(server, token, apiServer)).body).toEqual({
        active: false,
        tessera_reason: 'expired',
      });
      await expect(verifier.verify(presenting(token))).rejects.toMatchObject({ code: 'expired' });
      const refused = await throughGateway(token);
      expect([refused.status, await refused.json()]).toEqual([
        401,
        expect.objectContaining({ code: 'expired' }),
      ]);
      expect(upstream.seen).toHaveLength(reached);
    },
  );
});
