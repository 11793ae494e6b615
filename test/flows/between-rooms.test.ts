// What one standard's room promises, asked for through the door of another.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEVICE_CODE_GRANT,
  JWT_BEARER_GRANT,
  TOKEN_EXCHANGE_GRANT,
} from '../../packages/server/src/domain/client.ts';
import { createClientKey } from '../assertions.ts';
import { newJti, registerIssuer } from '../foreign-issuer.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  encode,
  introspect,
  obtainTokens,
  postForm,
  read,
  requestToken,
} from '../oauth-calls.ts';
import { requestOf } from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';
import { systemEvent } from '../../packages/server/src/startup/first-start.ts';

interface Listener {
  readonly server: Server;
  readonly host: string;
  readonly bodies: string[];
  /** What it answers, by path. */
  readonly answers: Map<string, string>;
}

async function listenOnLoopback(): Promise<Listener> {
  const bodies: string[] = [];
  const answers = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end(answers.get(request.url ?? ''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, host, bodies, answers };
}

async function send(
  server: TestServer,
  method: string,
  path: string,
  body: unknown,
  token?: string,
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return read(await fetch(`${server.base}${path}`, { method, headers, body: text }));
}

const APP = {
  client_name: 'Agent',
  redirect_uris: ['https://agent.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
};

describe.each(STORES)('between rooms on %s', (store) => {
  let server: TestServer;
  let listener: Listener;

  beforeAll(async () => {
    listener = await listenOnLoopback();
    server = await startTestServer({
      store,
      config: {
        dynamic_registration: 'open',
        client_id_metadata_documents: 'on',
        outbound_allow_hosts: [listener.host],
      },
    });
  });
  afterAll(async () => {
    await server?.close();
    listener.server.close();
  });

  it('an app that updates its registration stays under the profile the operator holds it to', async () => {
    const key = createClientKey('k1');
    const keyed = { ...APP, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } };
    const { body } = await send(server, 'POST', '/api/register', keyed);
    const id = String(body['client_id']);
    const { clients } = server.tessera.store;
    const before = (await clients.find(id))!;
    const held = { ...before, metadata: { ...before.metadata, security_profile: 'fapi2' } };
    await clients.update(held, systemEvent(server.tessera, 'client.updated', { clientId: id }));
    const path = `/api/register/${id}`;
    const token = String(body['registration_access_token']);
    const open = await send(server, 'PUT', path, { ...APP, client_id: id }, token);
    expect(open.status).toBe(400);
    expect(open.body).toMatchObject({ error: 'invalid_client_metadata' });
    const updated = await send(server, 'PUT', path, { ...keyed, client_id: id, client_name: 'New' }, token);
    expect(updated.status).toBe(200);
    expect((await clients.find(id))?.metadata.security_profile).toBe('fapi2');
  });

  it('FAPI 2.0 §5.4.1: a logout token for a client under the profile is not signed with RS256', async () => {
    const app = await server.registerClient({
      id: 'told',
      metadata: { backchannel_logout_uri: `http://${listener.host}/out` },
    });
    const browser = server.newBrowser();
    await obtainTokens(server, browser, { client: app, parameters: { scope: 'openid' } });
    const { clients } = server.tessera.store;
    const client = (await clients.find('told'))!;
    const held = { ...client, metadata: { ...client.metadata, security_profile: 'fapi2' } };
    await clients.update(held, systemEvent(server.tessera, 'client.updated', { clientId: 'told' }));
    await browser.submit(await browser.get('/logout'), {});
    const token = new URLSearchParams(listener.bodies.at(-1)).get('logout_token') ?? '';
    expect(decodeProtectedHeader(token).alg).toBe('ES256');
  });

  it('RFC 9700 §4.11.2: an app that registered itself cannot have people sent on by /logout unasked', async () => {
    const elsewhere = 'https://elsewhere.example/';
    const { body } = await send(server, 'POST', '/api/register', {
      ...APP,
      post_logout_redirect_uris: [elsewhere],
    });
    const query = encode({ client_id: String(body['client_id']), post_logout_redirect_uri: elsewhere });
    const visit = await server.newBrowser().get(`${server.base}/logout?${query}`);
    expect(visit.leftFor).toBeUndefined();
    const posted = await fetch(`${server.base}/logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${query}&form_token=x`,
      redirect: 'manual',
    });
    expect(posted.headers.get('location')).toBeNull();
  });

  describe('pairwise apps (OpenID Connect Core §8.1)', () => {
    it('are told of a session by an identifier of their own', async () => {
      const pairwise = { subject_type: 'pairwise' };
      const one = await server.registerClient({ id: 'pair-one', metadata: pairwise });
      const other = await server.registerClient({ id: 'pair-other', metadata: pairwise });
      const browser = server.newBrowser();
      const parameters = { scope: 'openid' };
      const first = await obtainTokens(server, browser, { client: one, parameters });
      const second = await obtainTokens(server, browser, { client: other, parameters });
      const [a, b] = [decodeJwt(first.idToken), decodeJwt(second.idToken)];
      expect(a['sid']).toEqual(expect.any(String));
      expect(a['sid']).not.toBe(b['sid']);
      // The same app signs the person out with it, unasked.
      const query = encode({ id_token_hint: first.idToken });
      const page = (await browser.get(`${server.base}/logout?${query}`)).page;
      expect(page).toContain('signed out');
    });

    it('are not seen through by a service that exchanges their tokens (RFC 8693 §1.1)', async () => {
      const app = await server.registerClient({ id: 'pair-app', metadata: { subject_type: 'pairwise' } });
      const service = await server.registerClient({
        id: 'pair-service',
        redirectUris: [],
        grantTypes: [TOKEN_EXCHANGE_GRANT],
      });
      const serves = { resourceServers: [service.id], tokenExchangeClients: [service.id] };
      const [front, back, last] = [
        'https://front.example/',
        'https://back.example/',
        'https://last.example/',
      ];
      for (const identifier of [front, back, last]) {
        // oxlint-disable-next-line no-await-in-loop -- three
        await server.registerResource({ identifier, ...serves });
      }
      const { accessToken } = await obtainTokens(server, server.newBrowser(), {
        client: app,
        parameters: { scope: 'read', resource: front },
      });
      const subject = decodeJwt(accessToken).sub;
      expect(subject).toMatch(/^pairwise_/);
      let token = accessToken;
      for (const resource of [back, last]) {
        const exchange = {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          resource,
        };
        // oxlint-disable-next-line no-await-in-loop -- each exchanges what the one before got
        token = String((await requestToken(server, exchange, service)).body['access_token']);
        expect(decodeJwt(token).sub).toBe(subject);
        // oxlint-disable-next-line no-await-in-loop -- as above
        expect((await introspect(server, token, service)).body['sub']).toBe(subject);
      }
    });

    it('learn nothing of a person from an ID token of another app', async () => {
      const plain = await server.registerClient({ id: 'plain' });
      const pair = await server.registerClient({ id: 'pair-hint', metadata: { subject_type: 'pairwise' } });
      const browser = server.newBrowser();
      const parameters = { scope: 'openid' };
      const { idToken } = await obtainTokens(server, browser, { client: plain, parameters });
      await obtainTokens(server, browser, { client: pair, parameters });
      const url = authorizeUrl(server, pair, createPkce(), {
        scope: 'openid',
        prompt: 'none',
        id_token_hint: idToken,
      });
      expect((await browser.get(url)).leftFor?.searchParams.get('error')).toBe('login_required');
    });

    it('that register themselves belong to a sector that lists them, or to none (Registration §5)', async () => {
      const sector = 'https://bank.example/sector.json';
      const answer = await send(server, 'POST', '/api/register', {
        ...APP,
        subject_type: 'pairwise',
        sector_identifier_uri: sector,
      });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: 'invalid_client_metadata' });
    });

    it('on the person’s own machine have nothing in common with each other', async () => {
      const native = {
        applicationType: 'native',
        tokenEndpointAuthMethod: 'none',
        metadata: { subject_type: 'pairwise' },
      } as const;
      const subjects = [];
      for (const id of ['phone-one', 'phone-other']) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const client = await server.registerClient({
          ...native,
          id,
          redirectUris: [`com.example.${id}:/cb`],
        });
        // oxlint-disable-next-line no-await-in-loop -- two
        const { idToken } = await obtainTokens(server, server.newBrowser(), {
          client,
          parameters: { scope: 'openid' },
        });
        subjects.push(decodeJwt(idToken).sub);
      }
      expect(subjects[0]).not.toBe(subjects[1]);
    });
  });

  it('FAPI 2.0 §5.3.2.1: the JWT of a platform is no authentication of a client under the profile', async () => {
    const key = createClientKey('k1');
    await server.registerClient({
      id: 'bank-job',
      grantTypes: [JWT_BEARER_GRANT],
      tokenEndpointAuthMethod: 'private_key_jwt',
      redirectUris: [],
      metadata: { jwks: { keys: [key.jwk] }, security_profile: 'fapi2' },
    });
    const ci = await registerIssuer(server, {
      issuer: 'https://ci.example',
      kind: 'workload',
      rules: [
        {
          claims: { sub: 'job' },
          clientId: 'bank-job',
          scopes: ['read'],
          resources: ['https://other.example/'],
        },
      ],
    });
    const now = Math.floor(server.clock.now() / 1000);
    const assertion = await ci.sign({
      iss: 'https://ci.example',
      sub: 'job',
      aud: `${server.issuer}/api/token`,
      iat: now,
      exp: now + 300,
      jti: newJti(),
    });
    const answer = await requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion });
    expect(answer.body).toMatchObject({ error: 'invalid_client' });
  });

  describe('details (RFC 9396) are never dropped in silence', () => {
    const PAYMENTS = 'https://payments.example/';
    const details = (...amounts: readonly number[]): string =>
      JSON.stringify(amounts.map((amount) => ({ type: 'payment', amount })));
    let payer: RegisteredClient;

    beforeAll(async () => {
      payer = await server.registerClient({
        id: 'payer',
        grantTypes: ['authorization_code', TOKEN_EXCHANGE_GRANT, DEVICE_CODE_GRANT],
      });
      await server.registerResource({
        identifier: PAYMENTS,
        authorizationDetailsTypes: [
          {
            type: 'payment',
            description: 'Pay {amount}',
            members: { amount: { type: 'integer', required: true } },
          },
        ],
      });
    });

    it('a token that is exchanged for one with fewer of them has fewer', async () => {
      const { accessToken } = await obtainTokens(server, server.newBrowser(), {
        client: payer,
        parameters: { scope: 'read', resource: PAYMENTS, authorization_details: details(1, 1000) },
      });
      const exchange = (wanted: string): Promise<Answer> =>
        requestToken(
          server,
          {
            grant_type: TOKEN_EXCHANGE_GRANT,
            subject_token: accessToken,
            subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            authorization_details: wanted,
          },
          payer,
        );
      const { body } = await exchange(details(1));
      expect(decodeJwt(String(body['access_token']))['authorization_details']).toEqual([
        { type: 'payment', amount: 1 },
      ]);
      expect((await exchange(details(2))).body).toMatchObject({ error: 'invalid_authorization_details' });
    });

    it('a device is told that it cannot ask for them', async () => {
      const asked = { scope: 'read', resource: PAYMENTS, authorization_details: details(1) };
      const { body } = await postForm(server, '/api/device', asked, payer);
      expect(body).toMatchObject({ error: 'invalid_authorization_details' });
    });
  });

  it('an app that only a document describes pushes its first request (RFC 9126 §2)', async () => {
    const id = `http://${listener.host}/app.json`;
    listener.answers.set('/app.json', JSON.stringify({ ...APP, client_id: id }));
    const app = { id, secret: undefined, redirectUri: 'https://agent.example/callback' };
    const pushed = await postForm(
      server,
      '/api/par',
      requestOf(app, createPkce(), { resource: server.issuer }),
      app,
    );
    expect(pushed.status).toBe(201);
    const query = { client_id: id, request_uri: String(pushed.body['request_uri']) };
    const visit = await server.newBrowser().get(`${server.base}/authorize?${encode(query)}`);
    expect(visit.url).toContain('/login?interaction=');
  });

  it('JSON that is nested beyond all measure is refused, not a failure of ours', async () => {
    const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    for (const depth of [3000, 20_000]) {
      for (const member of ['jwks', 'contacts', 'unknown']) {
        const body = JSON.stringify({ ...APP, [member]: 'HERE' }).replace('"HERE"', deep(depth));
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await send(server, 'POST', '/api/register', body)).status, `${member} ${depth}`).toBeLessThan(
          500,
        );
      }
      const keys = JSON.stringify({ ...APP, jwks: { keys: [{ kty: 'EC', more: 'HERE' }] } });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await send(server, 'POST', '/api/register', keys.replace('"HERE"', deep(depth)));
      expect(answer.status, `jwks.keys ${depth}`).toBeLessThan(500);
    }
  });
});
