// The authorization endpoint: what it refuses and how, and what its answers carry.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mutationsOf } from '../form-mutations.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import { hasForm, type NoScriptBrowser, titleOf, type Visit } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  encode,
  exchange,
  finish,
  type Parameters,
  read,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

describe.each(STORES)('the authorization endpoint on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;
  let publicWeb: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential, publicWeb } = server.clients);
    browser = server.newBrowser();
    await signInAndConsent(server, browser);
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const visit = (parameters: Parameters, client = confidential): Promise<Visit> =>
    browser.get(authorizeUrl(server, client, createPkce(), parameters));

  function expectPage(answer: Visit): void {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.leftFor).toBeUndefined();
    expect(answer.headers.get('location')).toBeNull();
  }

  function expectErrorRedirect(
    { leftFor, statuses }: Visit,
    error: string,
    state: string | null = 'state-of-the-app',
  ): void {
    expect(leftFor?.href.startsWith(`${confidential.redirectUri}?`)).toBe(true);
    expect(statuses).toEqual([303]);
    const parameters = leftFor!.searchParams;
    expect(parameters.get('error')).toBe(error);
    expect(parameters.get('error_description')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(parameters.get('state')).toBe(state);
    expect(parameters.getAll('iss')).toEqual([server.issuer]);
    expect(parameters.has('code')).toBe(false);
  }

  describe('answers with a page, and sends nobody anywhere,', () => {
    it.each([
      ['without client_id', { client_id: undefined }],
      ['with an empty client_id', { client_id: '' }],
      ['with an unknown client (AZ-58)', { client_id: 'nope' }],
      ['with a client_id with NUL', { client_id: 'a\0b' }],
      ['with a client_id that is half a character', { client_id: 'a\uD800' }],
      ['with a client_id of 10 kB', { client_id: 'a'.repeat(10_000) }],
      ['with two client_ids (AZ-59)', { client_id: ['confidential', 'spa'] }],
      ['with the same client_id twice (AZ-59)', { client_id: ['confidential', 'confidential'] }],
      [
        'with two redirect_uris (AZ-59)',
        { redirect_uri: ['https://confidential.example.com/cb', 'https://evil.example/'] },
      ],
      ['with the redirect_uri of another client (AZ-58)', { client_id: 'spa' }],
    ])('%s', async (_name, parameters) => {
      expectPage(await visit(parameters));
    });

    it.each(['disabled', 'deleted'])(
      'for a client that is %s, as for one that never was (AZ-58)',
      async (how) => {
        const client = await server.registerClient({
          id: `is-${how}`,
          status: how === 'disabled' ? 'disabled' : 'active',
        });
        const { store: stored, clock } = server.tessera;
        if (how === 'deleted') {
          const event = {
            id: 'evt_d',
            at: clock(),
            type: 'client.deleted',
            outcome: 'success',
            actor: 'system',
          } as const;
          await stored.clients.delete(client.id, event);
        }
        const unknown = await visit({ client_id: 'never-was' });
        const answer = await visit({}, client);
        expectPage(answer);
        const plain = ({ page }: Visit): string => page.replaceAll(/req_[\w-]+/g, '');
        expect(plain(answer)).toBe(plain(unknown));
      },
    );
  });

  describe('sends an error back', () => {
    const DOUBLES = [
      'response_type',
      'scope',
      'state',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'prompt',
      'max_age',
    ];
    it.each(DOUBLES)('when %s is there twice (AZ-59, RFC 6749 §3.1)', async (name) => {
      const answer = await visit({ [name]: ['a', 'b'] });
      expectErrorRedirect(answer, 'invalid_request', name === 'state' ? null : 'state-of-the-app');
    });

    it.each([
      ['no response_type (oidcc-response-type-missing)', { response_type: undefined }, 'invalid_request'],
      ['response_type=token (AZ-60, SP-4)', { response_type: 'token' }, 'unsupported_response_type'],
      ['response_type=id_token (AZ-60)', { response_type: 'id_token' }, 'unsupported_response_type'],
      ['response_type=code token (AZ-60)', { response_type: 'code token' }, 'unsupported_response_type'],
      [
        'response_type=code id_token (AZ-60)',
        { response_type: 'code id_token' },
        'unsupported_response_type',
      ],
      ['response_type=none (AZ-60)', { response_type: 'none' }, 'unsupported_response_type'],
      ['response_type=Code', { response_type: 'Code' }, 'unsupported_response_type'],
      [
        'no code_challenge (AZ-61)',
        { code_challenge: undefined, code_challenge_method: undefined },
        'invalid_request',
      ],
      ['no code_challenge but a method (AZ-61)', { code_challenge: undefined }, 'invalid_request'],
      ['code_challenge_method=plain (AZ-62)', { code_challenge_method: 'plain' }, 'invalid_request'],
      [
        'no code_challenge_method, which means plain (AZ-62, RFC 7636 §4.3)',
        { code_challenge_method: undefined },
        'invalid_request',
      ],
      ['code_challenge_method=s256', { code_challenge_method: 's256' }, 'invalid_request'],
      ['a code_challenge of 42 characters (AZ-63)', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
      ['a code_challenge of 44 characters (AZ-63)', { code_challenge: 'a'.repeat(44) }, 'invalid_request'],
      ['a code_challenge of 129 characters (AZ-63)', { code_challenge: 'a'.repeat(129) }, 'invalid_request'],
      ['a code_challenge with padding (AZ-63)', { code_challenge: `${'a'.repeat(42)}=` }, 'invalid_request'],
      ['response_mode=fragment (AZ-79)', { response_mode: 'fragment' }, 'invalid_request'],
      ['response_mode=fragment.jwt (JARM §2.3)', { response_mode: 'fragment.jwt' }, 'invalid_request'],
      ['response_mode=web_message (AZ-79)', { response_mode: 'web_message' }, 'invalid_request'],
      [
        'a request object (oidcc-unsigned-request-object)',
        { request: 'eyJhbGciOiJub25lIn0.e30.' },
        'invalid_request_object',
      ],
      ['a request_uri (AZ-83)', { request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
      ['a registration (Core §7.2.1)', { registration: '{}' }, 'registration_not_supported'],
      ['a scope nobody knows (AZ-77)', { scope: 'no-such-scope' }, 'invalid_scope'],
      ['a scope of another API (AZ-77)', { scope: 'read' }, 'invalid_scope'],
      [
        'the API of Tessera itself, which is for its own apps (AZ-77)',
        { scope: 'admin', resource: 'urn:tessera:api' },
        'invalid_target',
      ],
      ['a scope with NUL (AZ-77)', { scope: 'openid\0' }, 'invalid_scope'],
      ['a scope with quotes (AZ-77)', { scope: 'openid "x"' }, 'invalid_scope'],
      ['a scope with a tab (AZ-77)', { scope: 'openid\tprofile' }, 'invalid_scope'],
      ['a scope of 10 kB (AZ-77)', { scope: 'a'.repeat(10_000) }, 'invalid_scope'],
      [
        '200 scopes (AZ-77)',
        { scope: Array.from({ length: 200 }, (_, n) => `s${n}`).join(' ') },
        'invalid_scope',
      ],
      ['an unknown resource (RFC 8707 §2)', { resource: 'https://unknown.example/' }, 'invalid_target'],
      [
        'two resources, one of them unknown (RFC 8707 §2)',
        { resource: [MUSIC, 'https://unknown.example/'] },
        'invalid_target',
      ],
      [
        'a resource and an alias that disagree',
        { resource: [MUSIC, OPAQUE], audience: OPAQUE },
        'invalid_target',
      ],
      ['a resource with NUL', { resource: 'https://a.example/\0' }, 'invalid_target'],
      ['prompt=none and another (OpenID Connect Core §3.1.2.1)', { prompt: 'none login' }, 'invalid_request'],
      ['a prompt nobody knows', { prompt: 'please' }, 'invalid_request'],
      ['max_age that is no number', { max_age: 'x' }, 'invalid_request'],
      ['max_age below zero', { max_age: '-1' }, 'invalid_request'],
      ['a nonce of 2 kB', { nonce: 'n'.repeat(2000) }, 'invalid_request'],
    ])('for %s', async (_name, parameters, error) => {
      expectErrorRedirect(await visit({ scope: 'openid', ...parameters }), error);
    });

    it('to a public client without PKCE, too (AZ-61)', async () => {
      const answer = await visit({ code_challenge: undefined, code_challenge_method: undefined }, publicWeb);
      expect(answer.leftFor?.searchParams.get('error')).toBe('invalid_request');
    });

    it('for a client that may not use codes (RFC 6749 §4.1.2.1)', async () => {
      const client = await server.registerClient({ id: 'no-codes', grantTypes: ['client_credentials'] });
      expect((await visit({}, client)).leftFor?.searchParams.get('error')).toBe('unauthorized_client');
    });

    it('for a scope that the client is not registered for (AZ-77)', async () => {
      const client = await server.registerClient({ id: 'few-scopes', scopes: ['openid'] });
      const answer = await visit({ scope: 'openid user-read-email' }, client);
      expect(answer.leftFor?.searchParams.get('error')).toBe('invalid_scope');
    });
  });

  describe('state (AZ-78)', () => {
    const STATES = [
      '"><script>alert(1)</script>',
      'a\r\nSet-Cookie: x=1',
      'ünïcödé ✓ 漢字',
      "'; --",
      ' ',
      '%00%0a',
      's'.repeat(2048),
      'a\0b',
      '&code=x#y',
    ];
    it.each(STATES)('%j comes back as it was, or not at all', async (state) => {
      const answer = await visit({ state });
      expect(answer.leftFor?.searchParams.getAll('state')).toEqual([state]);
      expect(answer.leftFor?.searchParams.getAll('code')).toHaveLength(1);
      expect(answer.headers.get('set-cookie') ?? '').not.toContain('x=1');
    });

    it.each(STATES)('%j is in no page', async (state) => {
      const fresh = server.newBrowser();
      const page = await fresh.get(
        authorizeUrl(server, confidential, createPkce(), { state, nonce: state.slice(0, 100) }),
      );
      expect(hasForm(page.page, 'email', 'password')).toBe(true);
      // Its own script, for passkeys, comes from a file.
      expect(page.page).not.toMatch(/<script(?! src="\/assets\/)/);
      expect(page.headers.get('set-cookie') ?? '').not.toContain('x=1');
      const end = await finish(server, fresh, page);
      expect(end.leftFor?.searchParams.get('state')).toBe(state);
    });

    it('is absent where none was sent', async () => {
      expect((await visit({ state: undefined })).leftFor?.searchParams.has('state')).toBe(false);
    });
  });

  it.each([
    '"><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
  ])('shows the login_hint %s as text', async (login_hint) => {
    const page = await server
      .newBrowser()
      .get(authorizeUrl(server, confidential, createPkce(), { login_hint }));
    expect(page.page).not.toContain(login_hint);
    expect(formsOf(page.page)[0]?.fields['email']).toBe(login_hint);
  });

  describe('answers with the issuer, once, whatever the answer (AZ-64, RFC 9207 §2)', () => {
    it('in the metadata', async () => {
      const { body } = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
      expect(body).toMatchObject({
        issuer: server.issuer,
        authorization_response_iss_parameter_supported: true,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      });
    });

    it('a code', async () => {
      expect((await visit({})).leftFor?.searchParams.getAll('iss')).toEqual([server.issuer]);
    });

    it('a refusal by the person, with the same state (SP-3, RFC 6749 §4.1.2.1)', async () => {
      const options = { decision: 'deny', parameters: { prompt: 'consent', state: 'xyz' } } as const;
      const { location } = await signInAndConsent(server, browser, options);
      expect(Object.fromEntries(location.searchParams)).toMatchObject({
        error: 'access_denied',
        state: 'xyz',
        iss: server.issuer,
      });
      expect(location.searchParams.has('code')).toBe(false);
      expect(await server.auditEvents('consent.denied')).not.toHaveLength(0);
    });

    it('with a scheme of the app', async () => {
      const { native } = server.clients;
      const parameters = { redirect_uri: 'com.example.native:/cb' };
      const { location } = await signInAndConsent(server, browser, { client: native, parameters });
      expect(location.href).toMatch(/^com\.example\.native:\/cb\?code=tsr_ac_.*&iss=/);
    });
  });

  it('lets no fragment of the request travel on to the app (AZ-67)', async () => {
    const answer = await visit({});
    // Without a fragment of its own, browsers put that of the request behind the new address (RFC 9110 §10.2.2).
    expect(answer.headers.get('location')).toMatch(/#$/);
    expect(answer.leftFor?.hash).toBe('');
  });

  describe('by other methods and paths', () => {
    async function ask(
      method: string,
      path: string,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<Answer> {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      return read(
        await fetch(`${server.base}${path}`, { method, redirect: 'manual', headers: { cookie, ...headers } }),
      );
    }
    const queryOf = (): string => new URL(authorizeUrl(server, confidential, createPkce())).search;

    it.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
      '%s is refused with 405 (AZ-87)',
      async (method) => {
        const answer = await ask(method, `/authorize${queryOf()}`);
        expect(answer.status).toBe(405);
        expect(answer.headers.get('allow')).toBe('GET, POST');
        expect(answer.headers.get('location')).toBeNull();
      },
    );

    it.each([
      '//authorize',
      '/authorize;x',
      '/authorize/',
      '/AUTHORIZE',
      '/authorize%00',
      '/authorize%2f',
      '/x/../authorize%3f',
    ])('%s is nothing (AZ-88)', async (path) => {
      const answer = await ask('GET', `${path}${queryOf()}`);
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers.get('location')).toBeNull();
    });

    it('/%61uthorize is the same with the same checks (AZ-88)', async () => {
      const answer = await ask(
        'GET',
        `/%61uthorize?${encode({ client_id: confidential.id, redirect_uri: 'https://evil.example/' })}`,
      );
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers.get('location')).toBeNull();
    });

    it.each([
      '/admin;/v1/clients',
      '/;/admin/v1/clients',
      '/authorize;/../admin/v1/clients',
      '//admin/v1/clients',
      '/admin/v1/clients;x',
    ])('%s leads to no API (AZ-88)', async (path) => {
      expect([400, 401, 404]).toContain((await ask('GET', path)).status);
    });

    it.each([
      ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }],
      ['Forwarded', { forwarded: 'host=evil.example;proto=https' }],
      ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '/evil' }],
      ['X-Original-URL', { 'x-original-url': '/evil', 'x-rewrite-url': '/evil' }],
    ])('%s changes nothing (AZ-89)', async (_name, headers) => {
      const answer = await ask('GET', `/authorize${queryOf()}`, headers);
      expect(new URL(answer.headers.get('location') ?? '').searchParams.get('iss')).toBe(server.issuer);
      const metadata = await ask('GET', '/.well-known/openid-configuration', headers);
      expect(metadata.body).toMatchObject({ issuer: server.issuer });
      expect(metadata.text).not.toContain('evil');
      const page = await ask('GET', '/login', { ...headers, cookie: '' });
      expect(page.text).not.toContain('evil');
    });

    it('takes a POST of a form (oidcc-ensure-post-request-succeeds)', async () => {
      const pkce = createPkce();
      const parameters = new URL(authorizeUrl(server, confidential, pkce)).searchParams;
      const answer = await browser.post('/authorize', Object.fromEntries(parameters), {
        origin: 'https://confidential.example.com',
      });
      const code = answer.leftFor?.searchParams.get('code') ?? '';
      const { verifier } = pkce;
      const redirectUri = confidential.redirectUri;
      expect(
        await exchange(server, { code, verifier, redirectUri, location: answer.leftFor! }),
      ).toMatchObject({ status: 200 });
    });

    // A browser keeps cookies that are Lax back from a POST of another site (RFC 6265bis §5.2).
    it('a form of another site finds the session of who is signed in', async () => {
      const pkce = createPkce();
      const parameters = new URL(authorizeUrl(server, confidential, pkce, { prompt: 'none' })).searchParams;
      const posted = await fetch(`${server.base}/authorize`, {
        method: 'POST',
        redirect: 'manual',
        body: parameters,
        headers: { origin: 'https://confidential.example.com', 'sec-fetch-site': 'cross-site' },
      });
      expect([posted.status, posted.headers.getSetCookie()]).toEqual([303, []]);
      const answer = await browser.get(posted.headers.get('location') ?? '');
      expect(answer.leftFor?.searchParams.get('error')).toBe(null);
      expect(answer.leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
    });

    it.each([
      ['what no request holds', { access_token: 'x' }],
      ['what fits into no URL', { state: 'x'.repeat(4096), login_hint: 'y'.repeat(4096) }],
    ])('nothing of %s is put into a URL', async (_what, more) => {
      const parameters = new URL(authorizeUrl(server, confidential, createPkce(), more)).searchParams;
      const posted = await fetch(`${server.base}/authorize`, {
        method: 'POST',
        redirect: 'manual',
        body: parameters,
      });
      expect(posted.headers.get('location') ?? '').not.toContain('/authorize');
    });

    it('does not mix the query into a posted form (AZ-59)', async () => {
      const parameters = Object.fromEntries(
        new URL(authorizeUrl(server, confidential, createPkce())).searchParams,
      );
      const { redirect_uri, ...without } = parameters;
      const answer = await browser.post(`/authorize?${encode({ redirect_uri })}`, without);
      expectPage(answer);
    });

    it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
      'refuses a body of %s',
      async (type) => {
        const answer = await browser.post('/authorize', {}, { 'content-type': type });
        expect(answer.status).toBe(415);
        expect(titleOf(answer.page)).not.toBe('');
      },
    );
  });

  it('no change of any parameter makes an accepted request worth more, or breaks the server', async () => {
    const pkce = createPkce();
    const asked = { scope: 'openid user-read-private', resource: MUSIC };
    const extra = {
      ...asked,
      nonce: 'n',
      max_age: '9999',
      prompt: 'none',
      claims: '{"id_token":{"acr":null}}',
    };
    await signInAndConsent(server, browser, { parameters: asked });
    const good = Object.fromEntries(new URL(authorizeUrl(server, confidential, pkce, extra)).searchParams);
    const bearable = ['openid', 'user-read-private', ...server.resources.music.defaultScopes];
    const outcomeOf = async (changed: Parameters): Promise<string> => {
      const answer = await browser.get(`${server.base}/authorize?${encode(changed)}`);
      if (answer.statuses.some((status) => status >= 500)) return 'the server broke';
      const { leftFor } = answer;
      if (leftFor === undefined) return answer.status === 200 ? 'asked the person' : 'refused';
      if (!leftFor.href.startsWith(`${confidential.redirectUri}?`)) return 'sent elsewhere';
      const code = leftFor.searchParams.get('code');
      if (code === null) return leftFor.searchParams.has('error') ? 'refused' : 'sent on with nothing';
      const redirectUri = confidential.redirectUri;
      const redeemed = await exchange(server, {
        code,
        verifier: pkce.verifier,
        redirectUri,
        location: leftFor,
      });
      if (redeemed.status !== 200) return 'no token for a good code';
      const token = decodeJwt(tokensOf(redeemed).accessToken);
      const scopes = String(redeemed.body['scope']).split(' ');
      const same = token.sub === server.person.user.id && token['client_id'] === confidential.id;
      if (!same || !scopes.every((scope) => bearable.includes(scope))) return 'got more';
      return [MUSIC, `${MUSIC},${server.issuer}/userinfo`].includes(String(token.aud))
        ? 'as before'
        : `got to ${String(token.aud)}`;
    };
    const outcomes = [`${await outcomeOf(good)}: unchanged`];
    for (const [name, changed] of mutationsOf(good)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure names its change
      outcomes.push(`${await outcomeOf(changed)}: ${name}`);
    }
    expect(outcomes[0]).toBe('as before: unchanged');
    expect(outcomes.filter((each) => !/^(refused|asked the person|as before):/.test(each))).toEqual([]);
    for (const name of [
      'client_id',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
      'response_type',
    ]) {
      const taken = outcomes.filter((each) => each.includes(`: ${name} `) && !each.startsWith('refused'));
      expect([name, taken]).toEqual([name, []]);
    }
  });

  it('issues codes and never repeats one (AZ-85)', async () => {
    const codes = new Set<string>();
    for (let count = 0; count < 50; count++) {
      // oxlint-disable-next-line no-await-in-loop -- a browser does one thing after the other
      const answer = await visit({});
      codes.add(answer.leftFor?.searchParams.get('code') ?? '');
    }
    expect(codes.size).toBe(50);
    for (const code of codes) expect(code).toMatch(/^tsr_ac_[0-9A-Za-z]{49}$/);
  });
});
