// The token endpoint over HTTP: what it refuses before any grant is asked, who the client is, how it answers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE } from '../movable-clock.ts';
import { type Answer, basic, read, requestToken } from '../oauth-calls.ts';
import { MUSIC, OPAQUE, SHORT } from '../registrations.ts';

describe.each(STORES)('the token endpoint on %s', (store) => {
  let server: TestServer;
  const clientCredentials = { grant_type: 'client_credentials' };
  const FORM = 'application/x-www-form-urlencoded';

  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());

  async function send(init: RequestInit, path = '/api/token'): Promise<Answer> {
    return read(await fetch(`${server.base}${path}`, init));
  }

  function sendBody(
    body: string | Buffer<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { id, secret = '' } = server.clients.confidential;
    const standard = { 'content-type': FORM, authorization: basic(id, secret) };
    return send({ method: 'POST', body, headers: { ...standard, ...headers } });
  }

  function expectError(answer: Answer, status: number, error: string): void {
    expect(answer).toMatchObject({ status, body: { error } });
    // RFC 6749 §5.2: these two members, and a description of printable ASCII without " and \.
    expect(Object.keys(answer.body).toSorted()).toEqual(['error', 'error_description']);
    expect(answer.body['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }

  describe('refuses what it cannot read', () => {
    const BODIES: readonly (readonly [string, string, number, string])[] = [
      ['no body (RFC 6749 §5.2)', '', 400, 'invalid_request'],
      ['no grant_type (TK-23)', 'scope=read', 400, 'invalid_request'],
      ['an empty grant_type (RFC 6749 §3.2)', 'grant_type=', 400, 'invalid_request'],
      [
        'a repeated grant_type (TK-22)',
        'grant_type=client_credentials&grant_type=client_credentials',
        400,
        'invalid_request',
      ],
      ['a repeated scope (TK-22)', 'grant_type=client_credentials&scope=a&scope=b', 400, 'invalid_request'],
      ['a grant_type in brackets (TK-22)', 'grant_type[]=client_credentials', 400, 'invalid_request'],
      [
        '__proto__ (TK-22)',
        '__proto__=client_credentials&__proto__[grant_type]=client_credentials',
        400,
        'invalid_request',
      ],
      ['constructor (TK-22)', 'constructor=client_credentials', 400, 'invalid_request'],
      [
        'the grant_type password (TK-23)',
        'grant_type=password&username=a&password=b',
        400,
        'unsupported_grant_type',
      ],
      ['the grant_type implicit (TK-23)', 'grant_type=implicit', 400, 'unsupported_grant_type'],
      [
        'a grant_type named after a member of objects (TK-23)',
        'grant_type=__proto__',
        400,
        'unsupported_grant_type',
      ],
      ['a grant_type with NUL (TK-22)', 'grant_type=client_credentials%00', 400, 'unsupported_grant_type'],
      [
        'a grant_type in capitals (RFC 6749 §4.4.2)',
        'grant_type=CLIENT_CREDENTIALS',
        400,
        'unsupported_grant_type',
      ],
      ['a scope with NUL (RFC 6749 §3.3)', 'grant_type=client_credentials&scope=a%00b', 400, 'invalid_scope'],
      [
        'a resource with NUL (RFC 8707 §2)',
        'grant_type=client_credentials&resource=https://a.example/%00',
        400,
        'invalid_target',
      ],
      [
        'a resource that is half a character',
        'grant_type=client_credentials&resource=https://a.example/%ED%A0%80',
        400,
        'invalid_target',
      ],
      [
        'JSON under the name of a form (TK-22)',
        '{"grant_type":"client_credentials"}',
        400,
        'invalid_request',
      ],
    ];
    it.each(BODIES)('%s', async (_name, body, status, error) => {
      expectError(await sendBody(body), status, error);
    });

    const TYPES: readonly (readonly [string, string, string])[] = [
      ['JSON (TK-22)', 'application/json', '{"grant_type":"client_credentials"}'],
      ['multipart (TK-22)', 'multipart/form-data; boundary=x', '--x--'],
      ['text (TK-22)', 'text/plain', 'grant_type=client_credentials'],
      ['XML', 'application/xml', '<grant_type/>'],
    ];
    it.each(TYPES)('%s with 415', async (_name, type, body) => {
      expectError(await sendBody(body, { 'content-type': type }), 415, 'invalid_request');
    });

    it('a compressed body (TK-22)', async () => {
      const answer = await sendBody('grant_type=client_credentials', { 'content-encoding': 'gzip' });
      expect([200, 400, 415]).toContain(answer.status);
    });

    it('a body of 1 MB with 413 (TK-22)', async () => {
      const body = `grant_type=client_credentials&scope=${'a'.repeat(1024 * 1024)}`;
      expectError(await sendBody(body), 413, 'invalid_request');
    });

    it('a client_id with NUL, on any database (TK-22)', async () => {
      expectError(
        await requestToken(server, { ...clientCredentials, client_id: 'a\0b' }),
        401,
        'invalid_client',
      );
    });

    it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('%s with 405 and Allow (TK-06)', async (method) => {
      const answer = await send({ method }, '/api/token?grant_type=client_credentials');
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    const QUERIES = ['client_secret', 'code', 'code_verifier', 'refresh_token', 'password', 'token'];
    it.each(QUERIES)('%s in the query (TK-07, RFC 6749 §2.3.1)', async (name) => {
      const { confidential } = server.clients;
      const options = { path: `/api/token?${name}=whatever` };
      expectError(
        await requestToken(server, clientCredentials, confidential, options),
        400,
        'invalid_request',
      );
    });

    it('an access token in the query (RFC 9700 §4.3.2)', async () => {
      const { confidential } = server.clients;
      const options = { path: '/api/token?access_token=abc' };
      expectError(
        await requestToken(server, clientCredentials, confidential, options),
        400,
        'invalid_request',
      );
    });

    it('and takes nothing from the query (TK-06)', async () => {
      const { confidential } = server.clients;
      const options = { path: '/api/token?grant_type=client_credentials' };
      expectError(await requestToken(server, {}, confidential, options), 400, 'invalid_request');
    });
  });

  describe('refuses a client', () => {
    const secret = (): string => server.clients.confidential.secret ?? '';
    const HEADERS: readonly (readonly [string, () => string])[] = [
      ['with a wrong secret', () => basic('confidential', 'wrong')],
      ['with an empty secret', () => basic('confidential', '')],
      ['that is unknown', () => basic('nobody', secret())],
      ['with the secret of another', () => basic('confidential', server.clients.musicServer.secret ?? '')],
      ['that is public but sends a secret', () => basic('spa', secret())],
      ['with Basic that is no base64', () => 'Basic %%%'],
      ['with Basic without a colon (TK-10)', () => `Basic ${Buffer.from('confidential').toString('base64')}`],
      [
        'with Basic and a broken percent-encoding (TK-10)',
        () => `Basic ${Buffer.from('confidential:%zz').toString('base64')}`,
      ],
      ['with a secret with NUL', () => basic('confidential', '\0')],
    ];
    it.each(HEADERS)('%s (RFC 6749 §5.2)', async (_name, authorization) => {
      const answer = await sendBody('grant_type=client_credentials', { authorization: authorization() });
      expectError(answer, 401, 'invalid_client');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    });

    it('that does not authenticate (RFC 6749 §3.2.1)', async () => {
      expectError(await requestToken(server, clientCredentials), 401, 'invalid_client');
    });

    it('that is confidential and sends only its id (TK-09)', async () => {
      const answer = await requestToken(server, { ...clientCredentials, client_id: 'confidential' });
      expectError(answer, 401, 'invalid_client');
    });

    it('that is disabled', async () => {
      const disabled = await server.registerClient({ id: 'disabled', status: 'disabled' });
      expectError(await requestToken(server, clientCredentials, disabled), 401, 'invalid_client');
    });

    it('that authenticates in two ways (TK-08, RFC 6749 §2.3)', async () => {
      const { confidential } = server.clients;
      const both = { ...clientCredentials, client_id: confidential.id, client_secret: secret() };
      expectError(await requestToken(server, both, confidential), 400, 'invalid_request');
    });

    it('whose body and header name different clients (TK-08)', async () => {
      const { confidential } = server.clients;
      const answer = await requestToken(server, { ...clientCredentials, client_id: 'spa' }, confidential);
      expectError(answer, 400, 'invalid_request');
    });

    it('that uses a grant it is not registered for (RFC 6749 §5.2)', async () => {
      expectError(
        await requestToken(server, clientCredentials, server.clients.musicServer),
        400,
        'unauthorized_client',
      );
    });

    it('that is public and asks for itself (TK-21)', async () => {
      expectError(
        await requestToken(server, clientCredentials, server.clients.publicWeb),
        400,
        'unauthorized_client',
      );
    });
  });

  it('limits wrong secrets of one client, and lets the right one in all the same (TK-11)', async () => {
    const victim = await server.registerClient({ id: 'victim' });
    const wrong = { ...victim, secret: 'wrong' };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 25; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- the count is what is tested
      const answer = await requestToken(server, clientCredentials, wrong);
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect(statuses).toContain(401);
    expect(statuses.at(-1)).toBe(429);
    expect(await requestToken(server, clientCredentials, victim)).toMatchObject({ status: 200 });
    server.clock.advance(2 * MINUTE);
    expect(await requestToken(server, clientCredentials, wrong)).toMatchObject({ status: 401 });
  });

  describe('reads Basic credentials as RFC 6749 §2.3.1 says (TK-10)', () => {
    const SECRETS = ['100% + more', 'with:colon', 'ünïcode ✓', 'a%2Bb', '&=?#/'];
    it.each(SECRETS)('the secret %s', async (secret) => {
      const id = `basic-${Buffer.from(secret).toString('hex')}`;
      const client = await server.registerClient({ id, secret });
      expect(await requestToken(server, clientCredentials, client)).toMatchObject({ status: 200 });
    });

    it('a secret that was not encoded, colon and all', async () => {
      await server.registerClient({ id: 'raw-colon', secret: 'a:b:c' });
      const authorization = `Basic ${Buffer.from('raw-colon:a:b:c').toString('base64')}`;
      expect(await sendBody('grant_type=client_credentials', { authorization })).toMatchObject({
        status: 200,
      });
    });

    it('the scheme in any case (RFC 9110 §11.1)', async () => {
      const { id, secret = '' } = server.clients.confidential;
      const authorization = basic(id, secret).replace('Basic', 'bAsIc');
      expect(await sendBody('grant_type=client_credentials', { authorization })).toMatchObject({
        status: 200,
      });
    });
  });

  describe('client credentials', () => {
    it.each(['openid', 'offline_access', 'email', 'no-such-scope', 'user-read-email', 'admin'])(
      'refuse the scope %s, which nobody granted (TK-21)',
      async (scope) => {
        const answer = await requestToken(
          server,
          { ...clientCredentials, scope },
          server.clients.confidential,
        );
        expectError(answer, 400, 'invalid_scope');
      },
    );

    it.each([
      ['an unknown resource', { resource: 'https://unknown.example/' }],
      ['two resources', { resource: [MUSIC, OPAQUE] }],
      ['a resource and another audience', { resource: MUSIC, audience: OPAQUE }],
      ['a resource with a fragment', { resource: `${MUSIC}#x` }],
      ['a resource that is a prefix', { resource: 'https://music.exampl' }],
      ['a resource that begins like one', { resource: `${MUSIC}v1` }],
      ['a resource on another port', { resource: 'https://music.example:8443/' }],
      ['a resource of another scheme', { resource: 'http://music.example/' }],
    ])('refuse %s (TK-27, RFC 8707 §2)', async (_name, parameters) => {
      const answer = await requestToken(
        server,
        { ...clientCredentials, ...parameters },
        server.clients.confidential,
      );
      expectError(answer, 400, 'invalid_target');
    });

    it('answer exactly what is due: no refresh token, no ID token (S1, TK-21)', async () => {
      const answer = await requestToken(server, clientCredentials, server.clients.confidential);
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body).toSorted()).toEqual([
        'access_token',
        'expires_in',
        'scope',
        'token_type',
      ]);
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'catalog-read' });
      expect(answer.body['access_token']).toMatch(/^tsr_at_[0-9A-Za-z]{49}$/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    });

    it('answer a JWT for an API whose format that is, with the lifetime of the API (S7, S8)', async () => {
      const { confidential } = server.clients;
      const answer = await requestToken(server, { ...clientCredentials, resource: SHORT }, confidential);
      expect(answer.body).toMatchObject({ expires_in: 2 });
      const [, payload = ''] = String(answer.body['access_token']).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
      expect(claims).toMatchObject({
        iss: server.issuer,
        aud: SHORT,
        sub: 'confidential',
        client_id: 'confidential',
      });
      expect(Number(claims['exp']) - Number(claims['iat'])).toBe(2);
    });

    it.each(['https://music.example', 'HTTPS://Music.Example:443', 'https://music.example:443/'])(
      'take %s for the API, whose tokens carry its identifier as registered (RFC 3986 §6.2)',
      async (resource) => {
        const answer = await requestToken(
          server,
          { ...clientCredentials, resource },
          server.clients.confidential,
        );
        expect(answer.status).toBe(200);
        const [, payload = ''] = String(answer.body['access_token']).split('.');
        expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: MUSIC });
      },
    );

    it('take audience for resource', async () => {
      const { confidential } = server.clients;
      const answer = await requestToken(server, { ...clientCredentials, audience: MUSIC }, confidential);
      expect(String(answer.body['access_token']).split('.')).toHaveLength(3);
    });

    it('work with the secret in the body (oidcc-server-client-secret-post)', async () => {
      const { id, secret } = server.clients.confidential;
      const answer = await requestToken(server, {
        ...clientCredentials,
        client_id: id,
        client_secret: secret,
      });
      expect(answer.status).toBe(200);
    });

    it('work with an empty scope, which is none (RFC 6749 §3.2)', async () => {
      const answer = await requestToken(
        server,
        { ...clientCredentials, scope: '' },
        server.clients.confidential,
      );
      expect(answer.body).toMatchObject({ scope: 'catalog-read' });
    });

    it.each(['/oauth/token', '/oauth2/token'])('work at %s too', async (path) => {
      const answer = await requestToken(server, clientCredentials, server.clients.confidential, { path });
      expect(answer.status).toBe(200);
    });

    it('ignore parameters they do not know (RFC 6749 §3.2)', async () => {
      const parameters = { ...clientCredentials, foo: 'bar', hasOwnProperty: 'x', code: 'y' };
      expect(await requestToken(server, parameters, server.clients.confidential)).toMatchObject({
        status: 200,
      });
    });
  });

  describe('answers pages of other sites (TK-25)', () => {
    const origin = 'https://evil.example';

    it('the preflight', async () => {
      const answer = await send({
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization.*content-type/i);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    });

    it.each([
      ['success', clientCredentials, 200],
      ['an error', { grant_type: 'password' }, 400],
    ])('%s', async (_name, parameters, status) => {
      const options = { headers: { origin } };
      const answer = await requestToken(server, parameters, server.clients.confidential, options);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    });

    it.each(['/api/introspect', '/authorize', '/login', '/consent'])('but not %s', async (path) => {
      const answer = await send(
        { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
        path,
      );
      expect(answer.headers.get('access-control-allow-origin') ?? 'none').not.toBe(origin);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-allow-methods')).toBeNull();
    });
  });
});
