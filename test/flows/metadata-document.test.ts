// Apps that only a document describes (draft-ietf-oauth-client-id-metadata-document-00): their id is its URL.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { DAY, SECOND } from '../movable-clock.ts';
import { titleOf, type Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  type Parameters,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const attacks = JSON.parse(readFileSync(new URL('../vectors/ssrf-urls.json', import.meta.url), 'utf8')) as {
  readonly urls: readonly string[];
};

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** Where apps publish their documents; listens on loopback, which the test's settings open by name. */
class Publisher {
  readonly #server: Server;
  readonly #replies = new Map<string, Reply>();
  readonly hits = new Map<string, number>();
  connections = 0;
  port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.hits.set(path, (this.hits.get(path) ?? 0) + 1);
      const reply = this.#replies.get(path);
      if (reply === undefined) response.writeHead(404).end();
      else reply(request, response);
    });
    this.#server.on('connection', () => this.connections++);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://localhost:${this.port}${path}`;
  }

  answer(path: string, reply: Reply): string {
    this.#replies.set(path, reply);
    return this.url(path);
  }

  /** Publishes a document; `changes` replace its members, undefined takes one away. */
  publish(
    path: string,
    changes: object = {},
    headers: Readonly<Record<string, string>> = {},
  ): RegisteredClient {
    const document = {
      client_id: this.url(path),
      client_name: 'Agent',
      redirect_uris: ['https://agent.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...changes,
    };
    this.answer(path, (_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(document));
    });
    return { id: this.url(path), secret: undefined, redirectUri: 'https://agent.example/callback' };
  }

  withdraw(path: string): void {
    this.#replies.delete(path);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const SCOPE = 'openid catalog-read';

describe.each(STORES)('metadata documents on %s', (store) => {
  let server: TestServer;
  let publisher: Publisher;
  let adminToken: string;
  let paths = 0;
  let path: string;

  beforeAll(async () => {
    publisher = new Publisher();
    await publisher.listen();
    server = await startTestServer({
      store,
      config: {
        outbound_allow_hosts: [`localhost:${publisher.port}`, `127.0.0.1:${publisher.port}`],
        client_id_metadata_document_deny_domains: ['denied.example'],
      },
    });
    const { resources } = server.tessera.store;
    const open = { ...server.resources.music, allowUrlClients: true, updatedAt: Date.now() };
    const [event] = await server.auditEvents();
    await resources.update(open, { ...event!, id: 'evt_open' });
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
  });
  afterAll(async () => {
    await server?.close();
    publisher?.close();
  });
  beforeEach(() => {
    server.clock.reset();
    paths += 1;
    path = `/app-${paths}`;
  });

  const visit = (client: RegisteredClient, parameters: Parameters = {}): Promise<Visit> =>
    server.newBrowser().get(authorizeUrl(server, client, createPkce(), { scope: SCOPE, ...parameters }));

  async function expectRefused(client: RegisteredClient, reason?: RegExp): Promise<void> {
    const { status, page, leftFor } = await visit(client);
    expect(leftFor).toBeUndefined();
    expect(status).toBe(400);
    expect(page).toContain('describes itself in a document of its own');
    if (reason !== undefined) expect(server.log.at(-2)).toMatch(reason);
    expect(await server.tessera.store.clients.find(client.id)).toBeUndefined();
  }

  const clientOf = (id: string): RegisteredClient => ({
    id,
    secret: undefined,
    redirectUri: 'https://agent.example/callback',
  });

  describe('documents that are no client (DC-05)', () => {
    it.each<[string, object, RegExp]>([
      ['another client_id', { client_id: 'https://other.example/app' }, /not its own URL/],
      ['a client_id with a slash more', { client_id: 'http://localhost/app/' }, /not its own URL/],
      ['no client_id', { client_id: undefined }, /not its own URL/],
      ['no name', { client_name: undefined }, /no client_name/],
      ['a name that is a number', { client_name: 7 }, /no client_name/],
      ['no redirect URIs', { redirect_uris: undefined }, /no redirect_uris/],
      ['an empty list of them', { redirect_uris: [] }, /redirect_uris/],
      ['a redirect URI that is a script', { redirect_uris: ['javascript:alert(1)'] }, /redirect_uris/],
      ['a secret', { client_secret: 'x' }, /client_secret/],
      ['the end of a secret', { client_secret_expires_at: 0 }, /client_secret_expires_at/],
      ['Basic', { token_endpoint_auth_method: 'client_secret_basic' }, /token_endpoint_auth_method/],
      ['POST', { token_endpoint_auth_method: 'client_secret_post' }, /token_endpoint_auth_method/],
      ['a shared key', { token_endpoint_auth_method: 'client_secret_jwt' }, /token_endpoint_auth_method/],
      ['a method of no form', { token_endpoint_auth_method: ['none'] }, /token_endpoint_auth_method/],
      [
        'a private key',
        { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } },
        /private or symmetric/,
      ],
      ['only a grant without a person', { grant_types: ['client_credentials'] }, /authorization_code/],
      ['only the token response type', { response_types: ['token'] }, /response_types/],
      ['a name that turns the text', { client_name: 'Goo\u202Egle' }, /client_name/],
      ['6 kB', { client_uri: `https://agent.example/${'a'.repeat(6000)}` }, /too_large/],
    ])('with %s', async (_what, changes, reason) => {
      await expectRefused(publisher.publish(path, changes), reason);
    });

    it.each<[string, Reply, RegExp]>([
      ['none there', (_request, response) => void response.writeHead(404).end('{}'), /answered with 404/],
      ['a failure', (_request, response) => void response.writeHead(500).end('{}'), /answered with 500/],
      [
        'a redirect to a good one',
        (_request, response) => void response.writeHead(302, { location: '/good' }).end(),
        /redirect/,
      ],
      [
        'HTML',
        (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('{}'),
        /content type/,
      ],
      ['no JSON', (_request, response) => json(response, '{'), /not a JSON object/],
      ['a list', (_request, response) => json(response, '[]'), /not a JSON object/],
      ['bytes that are no UTF-8', (_request, response) => json(response, Buffer.from([0xff])), /not a JSON/],
    ])('%s', async (_what, reply, reason) => {
      publisher.publish('/good');
      await expectRefused(clientOf(publisher.answer(path, reply)), reason);
      expect(publisher.hits.get('/good')).toBeUndefined();
    });

    function json(response: ServerResponse, body: string | Uint8Array): void {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }
  });

  describe('client ids that are no URL of a document', () => {
    it.each([
      ['http elsewhere', 'http://agent.example/app'],
      ['no path', 'https://agent.example'],
      ['the root', 'https://agent.example/'],
      ['a fragment', 'https://agent.example/app#x'],
      ['an empty fragment', 'https://agent.example/app#'],
      ['a user', 'https://user@agent.example/app'],
      ['an empty user', 'https://@agent.example/app'],
      ['a dot segment', 'https://agent.example/a/../app'],
      ['a hidden dot segment', 'https://agent.example/a/%2e%2e/app'],
      ['a default port', 'https://agent.example:443/app'],
      ['capitals in the host', 'https://Agent.example/app'],
      ['a backslash', 'https://agent.example\\app'],
      ['a space', 'https://agent.example/a b'],
      ['300 letters', `https://agent.example/${'a'.repeat(300)}`],
      ['a denied domain', 'https://denied.example/app'],
      ['one below it', 'https://app.denied.example/app'],
      ['the same with a final dot', 'https://denied.example./app'],
    ])('%s (draft §3)', async (_what, id) => {
      const fetched = publisher.connections;
      await expectRefused(clientOf(id));
      expect(publisher.connections).toBe(fetched);
    });

    it('nor any of those that lead into this network (DC-01)', async () => {
      const before = publisher.connections;
      for (const attack of attacks.urls) {
        const url = attack.replaceAll('CANARY', String(publisher.port));
        // These two the test's settings open by name.
        if (/^http:\/\/(localhost|127\.0\.0\.1):(?!\/)/.test(url) && url.includes(`:${publisher.port}`))
          continue;
        for (const id of [url, url.replace(/^http:/, 'https:')]) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure names its URL
          const { status, leftFor } = await visit(clientOf(id));
          expect([id, status, leftFor]).toEqual([id, 400, undefined]);
        }
      }
      expect(publisher.connections).toBe(before);
    });
  });

  describe('a client of a document', () => {
    it('goes the whole way, and is kept once a person said yes', async () => {
      const client = publisher.publish(path);
      const { clients } = server.tessera.store;
      const authorized = await signInAndConsent(server, server.newBrowser(), {
        client,
        parameters: { scope: SCOPE },
      });
      expect(await clients.find(client.id)).toMatchObject({
        registeredBy: 'metadata_document',
        firstParty: false,
        requirePkce: true,
      });
      const answer = await exchange(server, authorized, client);
      expect(answer.body['scope']).toBe(SCOPE);
      const { refreshToken } = tokensOf(answer);
      expect((await refresh(server, refreshToken, client)).status).toBe(200);
    });

    it('leaves no trace while nobody said yes', async () => {
      const client = publisher.publish(path);
      const browser = server.newBrowser();
      await browser.get(authorizeUrl(server, client, createPkce(), { scope: SCOPE }));
      expect(await server.tessera.store.clients.find(client.id)).toBeUndefined();
      const denied = await signInAndConsent(server, browser, { client, decision: 'deny' });
      expect(denied.location.searchParams.get('error')).toBe('access_denied');
      expect(await server.tessera.store.clients.find(client.id)).toBeUndefined();
    });

    it('is asked for each time, and called by its host (draft §6.4)', async () => {
      const client = publisher.publish(path, { client_name: 'Google' });
      const browser = server.newBrowser();
      await signInAndConsent(server, browser, { client, parameters: { scope: SCOPE } });
      const again = await browser.get(authorizeUrl(server, client, createPkce(), { scope: SCOPE }));
      expect(titleOf(again.page)).toBe(`localhost:${publisher.port} asks for access · Tessera`);
      for (const shown of ['Unverified', 'says it is “Google”', 'agent.example', MUSIC]) {
        expect(again.page).toContain(shown);
      }
    });

    it('warns of answers that go to this machine', async () => {
      const client = publisher.publish(path, { redirect_uris: ['http://localhost/callback'] });
      const local = { ...client, redirectUri: 'http://localhost:49152/callback' };
      const browser = server.newBrowser();
      await signInAndConsent(server, browser, { client: local, parameters: { scope: SCOPE } });
      const { page } = await browser.get(authorizeUrl(server, local, createPkce(), { scope: SCOPE }));
      expect(page).toContain('goes to a program on this device');
      expect(page).toContain('localhost:49152');
    });

    it('answers only to a redirect URI of its document', async () => {
      const client = publisher.publish(path);
      for (const redirectUri of ['https://agent.example/callback/', 'https://evil.example/callback']) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const { status, leftFor } = await visit({ ...client, redirectUri });
        expect([status, leftFor]).toEqual([400, undefined]);
      }
    });

    it.each<[string, Parameters, string]>([
      ['more than the default scopes', { scope: 'catalog-read playlist-modify-public' }, 'invalid_scope'],
      ['an API that is not open to such apps', { resource: OPAQUE, scope: 'catalog-read' }, 'invalid_target'],
      ['the API of the server itself', { resource: 'urn:tessera:api', scope: 'admin' }, 'invalid_target'],
    ])('does not get %s', async (_what, parameters, error) => {
      const { page, leftFor } = await visit(publisher.publish(path), parameters);
      expect(leftFor).toBeUndefined();
      expect(page).toContain(`error=${error}`);
    });

    it('loses what its API opens no more', async () => {
      const client = publisher.publish(path);
      const tokens = tokensOf(
        await exchange(
          server,
          await signInAndConsent(server, server.newBrowser(), { client, parameters: { scope: SCOPE } }),
          client,
        ),
      );
      await setOpen(false);
      const answer = await refresh(server, tokens.refreshToken, client);
      await setOpen(true);
      expect(answer.body['scope'] ?? '').not.toContain('catalog-read');
    });

    async function setOpen(open: boolean): Promise<void> {
      const answer = await admin('PATCH', `/resources/${server.resources.music.id}`, {
        allow_url_clients: open,
      });
      expect(answer.body['allow_url_clients']).toBe(open);
    }

    it('takes of its document what this server can use', async () => {
      const client = publisher.publish(path, {
        grant_types: ['authorization_code', 'refresh_token', 'urn:example:other'],
        response_types: ['code', 'id_token'],
        require_pkce: false,
        scope: 'openid catalog-read admin',
        unknown: true,
      });
      await signInAndConsent(server, server.newBrowser(), { client, parameters: { scope: SCOPE } });
      expect(await server.tessera.store.clients.find(client.id)).toMatchObject({
        grantTypes: ['authorization_code', 'refresh_token'],
        scopes: ['openid', 'catalog-read'],
        requirePkce: true,
      });
    });

    it.each(['jwks', 'jwks_uri'])('proves itself with the key of its %s (draft §6.2)', async (where) => {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
      publisher.answer(`${path}-keys`, (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys));
      });
      const client = publisher.publish(path, {
        token_endpoint_auth_method: 'private_key_jwt',
        [where]: where === 'jwks' ? keys : publisher.url(`${path}-keys`).replace('localhost', '127.0.0.1'),
      });
      const authorized = await signInAndConsent(server, server.newBrowser(), {
        client,
        parameters: { scope: SCOPE },
      });
      expect((await exchange(server, authorized, client)).body['error']).toBe('invalid_client');
      const assertion = await new SignJWT({ jti: path })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(client.id)
        .setSubject(client.id)
        .setAudience(server.issuer)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
      const answer = await exchange(server, authorized, client, {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      expect([answer.status, answer.body['scope']]).toEqual([200, SCOPE]);
    });

    it('is not made by parallel first sign-ins twice', async () => {
      const client = publisher.publish(path);
      const ends = await Promise.all(
        Array.from({ length: 4 }, () =>
          signInAndConsent(server, server.newBrowser(), { client, parameters: { scope: SCOPE } }),
        ),
      );
      const answers = await Promise.all(ends.map((end) => exchange(server, end, client)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });
  });

  describe('the document as it was', () => {
    it('decides what the code is worth, though it is gone by then (DC-05)', async () => {
      const client = publisher.publish(path);
      const authorized = await signInAndConsent(server, server.newBrowser(), {
        client,
        parameters: { scope: SCOPE },
      });
      publisher.withdraw(path);
      server.clock.advance(31 * SECOND);
      const { refreshToken } = tokensOf(await exchange(server, authorized, client));
      expect((await refresh(server, refreshToken, client)).status).toBe(200);
      const fetched = publisher.hits.get(path);
      const { status } = await visit(client);
      expect(status).toBe(400);
      expect(publisher.hits.get(path)).toBe((fetched ?? 0) + 1);
    });

    it('does not bring back a redirect URI that it has no more', async () => {
      const client = publisher.publish(path);
      const browser = server.newBrowser();
      const tokens = tokensOf(
        await exchange(
          server,
          await signInAndConsent(server, browser, { client, parameters: { scope: SCOPE } }),
          client,
        ),
      );
      const moved = publisher.publish(path, { redirect_uris: ['https://agent.example/moved'] });
      server.clock.advance(31 * SECOND);
      await signInAndConsent(server, browser, {
        client: { ...moved, redirectUri: 'https://agent.example/moved' },
        parameters: { scope: SCOPE },
      });
      expect((await refresh(server, tokens.refreshToken, client)).body['error']).toBe('invalid_grant');
    });

    it('is kept for half a minute at least, and a day at most (draft §4.4)', async () => {
      const never = publisher.publish(path, {}, { 'cache-control': 'no-store' });
      const long = publisher.publish(`${path}-long`, {}, { 'cache-control': 'max-age=31536000' });
      for (const client of [never, never, long, long]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await visit(client);
      }
      expect([publisher.hits.get(path), publisher.hits.get(`${path}-long`)]).toEqual([1, 1]);
      server.clock.advance(31 * SECOND);
      await visit(never);
      await visit(long);
      expect([publisher.hits.get(path), publisher.hits.get(`${path}-long`)]).toEqual([2, 1]);
      server.clock.advance(DAY);
      await visit(long);
      expect(publisher.hits.get(`${path}-long`)).toBe(2);
    });

    it('is fetched once for many who come at the same time', async () => {
      const client = publisher.publish(path);
      await Promise.all(Array.from({ length: 10 }, () => visit(client)));
      expect(publisher.hits.get(path)).toBe(1);
    });

    it('is fetched anew after one that was bad', async () => {
      await expectRefused(publisher.publish(path, { client_name: undefined }));
      const { status } = await visit(publisher.publish(path));
      expect(status).toBe(200);
      expect(publisher.hits.get(path)).toBe(2);
    });
  });

  describe('the operator', () => {
    it('sees such an app, changes its status only, and keeps it out', async () => {
      const client = publisher.publish(path);
      const authorized = await signInAndConsent(server, server.newBrowser(), {
        client,
        parameters: { scope: SCOPE },
      });
      const address = `/clients/${encodeURIComponent(client.id)}`;
      const shown = await admin('GET', address);
      expect(shown.body).toMatchObject({ client_id: client.id, registered_by: 'metadata_document' });
      const renamed = await admin('PATCH', address, { client_name: 'Trusted' });
      expect([renamed.status, renamed.body['errors']]).toEqual([
        400,
        [expect.objectContaining({ pointer: '/client_name' })],
      ]);
      expect((await admin('PATCH', address, { status: 'disabled' })).status).toBe(200);
      expect((await exchange(server, authorized, client)).body['error']).toBe('invalid_client');
      expect((await visit(client)).status).toBe(400);
      expect((await admin('DELETE', address)).status).toBe(204);
      expect((await visit(client)).status).toBe(200);
    });
  });

  async function admin(method: string, to: string, body?: object) {
    return read(
      await fetch(`${server.base}/admin/v1${to}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  }

  it('are no way to a token without a person', async () => {
    const client = publisher.publish(path);
    const answer = await requestToken(server, { grant_type: 'client_credentials' }, client);
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('are in the metadata, with the method they use', async () => {
    const { body } = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(body['client_id_metadata_document_supported']).toBe(true);
    expect(body['token_endpoint_auth_methods_supported']).toContain('none');
  });
});

describe('metadata documents that are off', () => {
  let server: TestServer;
  let publisher: Publisher;
  beforeAll(async () => {
    publisher = new Publisher();
    await publisher.listen();
    server = await startTestServer({
      store: 'sqlite',
      config: {
        client_id_metadata_documents: 'off',
        outbound_allow_hosts: [`localhost:${publisher.port}`],
      },
    });
  });
  afterAll(async () => {
    await server?.close();
    publisher?.close();
  });

  it('are not fetched, and not in the metadata', async () => {
    const client = publisher.publish('/app');
    const { status } = await server.newBrowser().get(authorizeUrl(server, client, createPkce()));
    expect(status).toBe(400);
    expect(publisher.connections).toBe(0);
    const { body } = await read(await fetch(`${server.base}/.well-known/openid-configuration`));
    expect(body).not.toHaveProperty('client_id_metadata_document_supported');
  });
});
