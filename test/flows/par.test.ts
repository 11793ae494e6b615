// Pushed authorization requests: what is refused at the endpoint, and what a reference is good for.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mutationsOf } from '../form-mutations.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  type Parameters,
  postForm,
  read,
  requestToken,
  signInAndConsent,
} from '../oauth-calls.ts';
import { push, requestOf, visit } from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';

describe.each(STORES)('pushed authorization requests on %s', (store) => {
  let server: TestServer;
  /** Signed in, and has consented to `openid`. */
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;
  let publicWeb: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential, publicWeb } = server.clients);
    browser = server.newBrowser();
    await signInAndConsent(server, browser, { parameters: { scope: 'openid profile' } });
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const use = (requestUri: string, more: Parameters = {}, client = confidential): Promise<Visit> =>
    visit(server, browser, client.id, { request_uri: requestUri, ...more });

  function expectPage(answer: Visit): void {
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.leftFor).toBeUndefined();
    expect(answer.page).toContain('invalid_request_uri');
  }

  describe('the endpoint refuses', () => {
    it.each<[string, Parameters, string]>([
      ['a request_uri (RFC 9126 §2.1, PA-03)', { request_uri: 'urn:x' }, 'invalid_request'],
      ['no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
      ['an unregistered redirect_uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
      ['a repeated parameter (fapi2 par-duplicates)', { state: ['a', 'b'] }, 'invalid_request'],
      ['no PKCE (fapi2 par-pkce-required)', { code_challenge: undefined }, 'invalid_request'],
      ['plain PKCE (fapi2 par-plain)', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
      ['a scope nobody knows', { scope: 'nope' }, 'invalid_scope'],
      ['an unknown resource', { resource: 'https://unknown.example/' }, 'invalid_target'],
      [
        'an unsigned object (fapi2 unsigned at PAR)',
        { request: 'eyJhbGciOiJub25lIn0.e30.' },
        'invalid_request_object',
      ],
      ['an unknown response mode', { response_mode: 'fragment' }, 'invalid_request'],
      ['a dpop_jkt that is none (RFC 9449 §10)', { dpop_jkt: 'x' }, 'invalid_request'],
      [
        'details nobody knows (RFC 9396 §5)',
        { authorization_details: '[{"type":"x"}]' },
        'invalid_authorization_details',
      ],
    ])('%s', async (_name, parameters, error) => {
      const { answer } = await push(server, confidential, parameters);
      expect(answer.status).toBe(400);
      expect(answer.body['error']).toBe(error);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    it('a client that does not authenticate (PA-04)', async () => {
      const request = requestOf(confidential, createPkce());
      const wrong = { ...confidential, secret: 'wrong' };
      expect((await postForm(server, '/api/par', request, wrong)).status).toBe(401);
      const unauthenticated = await postForm(server, '/api/par', { client_id: confidential.id, ...request });
      expect(unauthenticated.body['error']).toBe('invalid_client');
    });

    it.each(['GET', 'PUT', 'DELETE'])('%s with 405 (PA-04)', async (method) => {
      const answer = await read(await fetch(`${server.base}/api/par`, { method }));
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
    });

    it('a body of 1 MB with 413 (PA-04)', async () => {
      const { answer } = await push(server, confidential, { state: 'x'.repeat(1024 * 1024) });
      expect(answer.status).toBe(413);
    });
  });

  describe('a reference is refused on a page, and sends nobody anywhere,', () => {
    it('for another client (PA-02)', async () => {
      const { requestUri } = await push(server, confidential);
      expectPage(await use(requestUri, {}, publicWeb));
    });
    it('after 60 seconds (PA-02)', async () => {
      const { requestUri, answer } = await push(server, confidential);
      expect(answer.body['expires_in']).toBe(60);
      server.clock.advance(60_000);
      expectPage(await use(requestUri));
    });
    it('when it is guessed or changed (PA-02)', async () => {
      const { requestUri } = await push(server, confidential);
      const last = requestUri.endsWith('x') ? 'y' : 'x';
      expectPage(await use(requestUri.slice(0, -1) + last));
      expectPage(await use('urn:ietf:params:oauth:request_uri:nope'));
    });
    it('after its request was answered, with a page, without one (PA-01)', async () => {
      const { requestUri } = await push(server, confidential);
      expect((await use(requestUri)).leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
      expectPage(await use(requestUri));
      expectPage(await use(requestUri, { prompt: 'none' }));
      const silent = await push(server, confidential, { prompt: 'none' });
      expect((await use(silent.requestUri)).leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
      expectPage(await use(silent.requestUri));
    });
    it('after an error was the answer (PA-01)', async () => {
      const { requestUri } = await push(server, confidential, { prompt: 'none' });
      const fresh = server.newBrowser();
      const first = await visit(server, fresh, confidential.id, { request_uri: requestUri });
      expect(first.leftFor?.searchParams.get('error')).toBe('login_required');
      expectPage(await use(requestUri));
    });
  });

  it('pushes, and the code buys tokens (RFC 9126 §2.2)', async () => {
    const { answer, requestUri, pkce } = await push(server, confidential);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(requestUri).toMatch(/^urn:ietf:params:oauth:request_uri:tsr_ru_[0-9A-Za-z]{49}$/);
    const { leftFor } = await use(requestUri);
    expect(leftFor?.searchParams.get('state')).toBe('state-of-the-app');
    expect(leftFor?.searchParams.getAll('iss')).toEqual([server.issuer]);
    const code = leftFor!.searchParams.get('code')!;
    const { redirectUri } = confidential;
    const tokens = await exchange(server, { code, verifier: pkce.verifier, redirectUri, location: leftFor! });
    expect(tokens.status).toBe(200);
    expect(tokens.body['scope']).toBe('openid');
  });

  it('takes a public client by its client_id', async () => {
    const { requestUri } = await push(server, publicWeb);
    const { leftFor } = await finish(server, browser, await use(requestUri, {}, publicWeb));
    expect(leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
  });

  it('counts nothing but what was pushed (RFC 9126 §4, PA-03)', async () => {
    const { requestUri } = await push(server, confidential, { state: 'inside' });
    const outside = {
      state: 'outside',
      scope: 'openid email',
      redirect_uri: 'https://evil.example/',
      prompt: 'consent',
    };
    const { leftFor } = await use(requestUri, outside);
    expect(leftFor?.href.startsWith(confidential.redirectUri)).toBe(true);
    expect(leftFor?.searchParams.get('state')).toBe('inside');
    expect(leftFor?.searchParams.has('code')).toBe(true);
  });

  it('may be visited again while a person has not answered (fapi2 par-reused-prior-to-completion)', async () => {
    const { requestUri } = await push(server, confidential, { prompt: 'consent' });
    const first = await use(requestUri);
    const second = await use(requestUri);
    expect([first.leftFor, second.leftFor]).toEqual([undefined, undefined]);
    expect((await browser.submit(second, {}, 'allow')).leftFor?.searchParams.has('code')).toBe(true);
    const late = await browser.submit(first, {}, 'allow');
    expect(late.status).toBe(400);
    expect(late.leftFor).toBeUndefined();
  });

  it('a person may take longer than the reference lives', async () => {
    const { requestUri } = await push(server, confidential, { prompt: 'consent' });
    const page = await use(requestUri);
    server.clock.advance(10 * 60_000);
    expect((await browser.submit(page, {}, 'allow')).leftFor?.searchParams.has('code')).toBe(true);
  });

  it('gives one code to 32 parallel visits (PA-01)', async () => {
    const { requestUri } = await push(server, confidential);
    const visits = await Promise.all(Array.from({ length: 32 }, () => use(requestUri)));
    expect(visits.filter(({ leftFor }) => leftFor?.searchParams.has('code') === true)).toHaveLength(1);
    expect(visits.filter(({ status }) => status === 400)).toHaveLength(31);
  });

  it('gives one code to 32 parallel consents, pushed or not', async () => {
    const { requestUri } = await push(server, confidential, { prompt: 'consent' });
    const pages = [
      await use(requestUri),
      await browser.get(authorizeUrl(server, confidential, createPkce(), { prompt: 'consent' })),
    ];
    for (const page of pages) {
      const answers = await Promise.all(Array.from({ length: 32 }, () => browser.submit(page, {}, 'allow')));
      expect(answers.filter(({ leftFor }) => leftFor?.searchParams.has('code') === true)).toHaveLength(1);
      expect(answers.every(({ status }) => status === 303 || status === 400)).toBe(true);
    }
  });

  describe('may be required (RFC 9126 §5, PA-05)', () => {
    it('of one client', async () => {
      const client = await server.registerClient({
        id: 'pushes',
        metadata: { require_pushed_authorization_requests: true },
      });
      const plain = await browser.get(authorizeUrl(server, client, createPkce()));
      expect(plain.leftFor?.searchParams.get('error')).toBe('invalid_request');
      const { requestUri } = await push(server, client);
      const pushed = await finish(server, browser, await use(requestUri, {}, client));
      expect(pushed.leftFor?.searchParams.has('code')).toBe(true);
    });
  });

  it('says so in the metadata (RFC 9126 §5)', async () => {
    const { body } = await read(await fetch(`${server.base}/.well-known/openid-configuration`));
    expect(body).toMatchObject({
      pushed_authorization_request_endpoint: `${server.issuer}/api/par`,
      require_pushed_authorization_requests: false,
    });
  });

  it('keeps neither the reference nor a secret of the client', async () => {
    const client = await server.registerClient({
      id: 'posts',
      tokenEndpointAuthMethod: 'client_secret_post',
    });
    const parameters = {
      ...requestOf(client, createPkce()),
      client_id: client.id,
      client_secret: client.secret,
    };
    const answer = await postForm(server, '/api/par', parameters);
    expect(answer.status).toBe(201);
    expect(server.log.join('\n')).not.toContain(client.secret);
    expect(server.log.join('\n')).not.toContain('tsr_ru_');
  });

  it('no change of any field makes a request worth more, or breaks the server', async () => {
    const pkce = createPkce();
    const good = requestOf(confidential, pkce, { scope: 'openid profile', nonce: 'n', max_age: '9999' });
    const bearable = new Set(['openid', 'profile', ...server.resources.music.defaultScopes]);
    const outcomeOf = async (changed: Parameters): Promise<string> => {
      const answer = await postForm(server, '/api/par', changed, confidential);
      if (answer.status >= 500) return 'the server broke';
      if (answer.status !== 201) return 'refused';
      const { leftFor } = await use(String(answer.body['request_uri']));
      if (leftFor === undefined) return 'asked the person';
      if (!leftFor.href.startsWith(confidential.redirectUri)) return 'sent elsewhere';
      const code = leftFor.searchParams.get('code');
      if (code === null) return 'refused';
      const redeemed = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier };
      const { status, body } = await requestToken(server, redeemed, confidential);
      if (status !== 200) return 'no token for a good code';
      const scopes = typeof body['scope'] === 'string' ? body['scope'].split(' ') : [];
      return scopes.every((scope) => bearable.has(scope)) ? 'as before' : 'got more';
    };
    const outcomes: string[] = [];
    for (const [name, changed] of mutationsOf(good)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      outcomes.push(`${await outcomeOf(changed)}: ${name}`);
    }
    expect(outcomes.filter((each) => !/^(refused|asked the person|as before):/.test(each))).toEqual([]);
    expect(outcomes.filter((each) => each.startsWith('as before'))).not.toHaveLength(0);
    expect(outcomes.filter((each) => each.startsWith('refused'))).not.toHaveLength(0);
  });
});

describe('a server that takes pushed requests only', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      store: 'sqlite',
      config: { require_pushed_authorization_requests: true },
    });
  });
  afterAll(() => server?.close());

  it('refuses a plain one, and says so in the metadata (RFC 9126 §5)', async () => {
    const { confidential } = server.clients;
    const browser = server.newBrowser();
    const { leftFor } = await browser.get(authorizeUrl(server, confidential, createPkce()));
    expect(leftFor?.searchParams.get('error')).toBe('invalid_request');
    const { body } = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(body['require_pushed_authorization_requests']).toBe(true);
  });
});
