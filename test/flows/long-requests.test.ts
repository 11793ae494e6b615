// Requests as long as they may be: what is accepted gets through every page, what would not is refused at once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import { authorizeUrl, createPkce, exchange, finish, type Parameters } from '../oauth-calls.ts';
import { push, visit } from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';

/** The least that proxies take as a request line, by default. */
const REQUEST_LINE_BYTES = 8192;

describe.each(STORES)('long authorization requests on %s', (store) => {
  let server: TestServer;
  let client: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    client = await server.registerClient({ id: 'talkative' });
  });
  afterAll(() => server?.close());

  /** With what other apps of the host may have left, and what a browser adds. */
  function loadedBrowser(): NoScriptBrowser {
    const browser = server.newBrowser();
    browser.cookies.set('of-another-app', 'x'.repeat(6000));
    return browser;
  }

  async function throughEveryPage(browser: NoScriptBrowser, first: Visit): Promise<URL> {
    const { email, password } = server.person;
    expect(hasForm(first.page, 'email', 'password')).toBe(true);
    expectShort(first);
    const consent = await browser.submit(first, { email, password });
    expectShort(consent);
    const { leftFor } = await browser.submit(consent, {}, 'allow');
    if (leftFor === undefined) throw new Error('The request did not get through');
    return leftFor;
  }

  function expectShort({ status, url }: Visit): void {
    const { pathname, search } = new URL(url);
    expect(status).toBe(200);
    expect(`GET ${pathname}${search} HTTP/1.1\r\n`.length).toBeLessThanOrEqual(REQUEST_LINE_BYTES);
  }

  const claims = JSON.stringify({ userinfo: { email: { essential: true } }, id_token: { name: null } });
  it.each<[string, string, Parameters]>([
    ['of plain letters', 'n', { state: 's'.repeat(4096), claims }],
    ['of letters that are three bytes', '語', { state: '語'.repeat(1400), claims }],
    ['of characters that JSON writes in six bytes', '\u0001', { state: '\u0001'.repeat(500), claims }],
  ])('%s get through up to a length, and no further', async (_what, letter, parameters) => {
    const pushWith = (length: number) =>
      push(server, client, {
        ...parameters,
        scope: 'openid email',
        prompt: 'consent',
        nonce: letter.repeat(length),
      });
    let [accepted, refused] = [1, 1025];
    while (refused - accepted > 1) {
      const middle = Math.floor((accepted + refused) / 2);
      // oxlint-disable-next-line no-await-in-loop -- halves what the one before left
      if ((await pushWith(middle)).answer.status === 201) accepted = middle;
      else refused = middle;
    }
    const tooLong = await pushWith(accepted + 1);
    expect([tooLong.answer.status, tooLong.answer.body['error']]).toEqual([400, 'invalid_request']);
    const { requestUri, pkce } = await pushWith(accepted);
    const browser = loadedBrowser();
    const first = await visit(server, browser, client.id, { request_uri: requestUri });
    const location = await throughEveryPage(browser, first);
    expect(location.searchParams.get('state')).toBe(parameters['state']);
    const code = location.searchParams.get('code') ?? '';
    const answer = await exchange(
      server,
      { code, location, verifier: pkce.verifier, redirectUri: client.redirectUri },
      client,
    );
    expect(answer.status).toBe(200);
  });

  it('are refused by an answer to the app where they come in the URL', async () => {
    const parameters = { state: '語'.repeat(1300), nonce: '語'.repeat(900) };
    const url = authorizeUrl(server, client, createPkce(), parameters);
    expect(url.length).toBeGreaterThan(16_384);
    const { leftFor } = await server
      .newBrowser()
      .post('/authorize', Object.fromEntries(new URL(url).searchParams));
    expect(leftFor?.searchParams.get('error')).toBe('invalid_request');
    expect(leftFor?.searchParams.get('error_description')).toMatch(/too long/);
  });

  it('may bring an ID token as a hint that is as long as everything else together', async () => {
    const parameters = { state: 's'.repeat(4096), scope: 'openid', id_token_hint: 'h'.repeat(8192) };
    const browser = server.newBrowser();
    const url = authorizeUrl(server, client, createPkce(), parameters);
    // A hint that names nobody: whoever signs in is somebody else, however often (Core §3.1.2.2).
    const again = await finish(server, browser, await browser.get(url)).catch((error: unknown) => error);
    expect(String(again)).toContain('Not signed in');
    expect(browser.cookies.size).toBe(2);
  });
});
