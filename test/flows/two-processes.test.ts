// What counts once, raced for by two processes on one database: nothing but the database lies between them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { asserted, createClientKey, signAssertion } from '../assertions.ts';
import { createDpopKey } from '../dpop-key.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import { NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  basic,
  createPkce,
  exchange,
  postForm,
  read,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { push, visit } from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';

const WAYS = 32;
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

describe('two processes on one PostgreSQL', () => {
  let server: TestServer;
  let bases: readonly string[];
  let tv: RegisteredClient;
  let signer: RegisteredClient;
  const key = createClientKey('k1');

  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres' });
    tv = await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    });
    signer = await server.registerClient({
      id: 'signer',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      metadata: { jwks: { keys: [key.jwk] } },
    });
    bases = (await Promise.all([server.addProcess(), server.addProcess()])).map(({ base }) => base);
  }, 60_000);
  afterAll(() => server?.close());

  /** The same thing many times at once, every second time at the other process. */
  const race = <Outcome>(run: (base: string) => Promise<Outcome>): Promise<readonly Outcome[]> =>
    Promise.all(Array.from({ length: WAYS }, (_, index) => run(bases[index % bases.length]!)));

  /** The browser at one of the processes: with the cookies it got from the other. */
  function at(base: string, browser: NoScriptBrowser): NoScriptBrowser {
    const same = new NoScriptBrowser(base, new URL(server.issuer).origin);
    for (const [name, value] of browser.cookies) same.cookies.set(name, value);
    return same;
  }

  function expectOneToken(answers: readonly Answer[], errors: readonly string[]): void {
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.filter(({ status }) => ![400, 401, 429].includes(status))).toEqual([]);
    expect(errors).toEqual(expect.arrayContaining([...new Set(others.map(({ body }) => body['error']))]));
  }

  function expectOneCode(visits: readonly Visit[]): void {
    expect(visits.filter(({ leftFor }) => leftFor?.searchParams.has('code') === true)).toHaveLength(1);
    expect(visits.every(({ status }) => status < 500)).toBe(true);
  }

  it('an authorization code: one gets tokens', async () => {
    const authorized = await signInAndConsent(server, server.newBrowser());
    const { confidential } = server.clients;
    const answers = await race((base) => exchange(server, authorized, confidential, {}, { base }));
    expectOneToken(answers, ['invalid_grant']);
  });

  it('a pushed request: one is answered', async () => {
    const browser = server.newBrowser();
    await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
    const { confidential } = server.clients;
    const { requestUri } = await push(server, confidential);
    const visits = await race((base) =>
      visit({ ...server, base }, at(base, browser), confidential.id, { request_uri: requestUri }),
    );
    expectOneCode(visits);
  });

  it('the form of the consent page: one press counts', async () => {
    const browser = server.newBrowser();
    await signInAndConsent(server, browser);
    const url = authorizeUrl(server, server.clients.confidential, createPkce(), { prompt: 'consent' });
    const page = await browser.get(url);
    expectOneCode(await race((base) => at(base, browser).submit(page, {}, 'allow')));
  });

  it('a device: one press of a person counts, and one poll gets tokens', async () => {
    const asked = await postForm(server, '/api/device', { scope: 'openid' }, tv);
    const browser = server.newBrowser();
    const { email, password } = server.person;
    await browser.submit(await browser.get('/device'), { email, password });
    const entered = { user_code: String(asked.body['user_code']) };
    const shown = await browser.submit(await browser.get('/device'), entered, 'look');
    const pressed = await race((base) => at(base, browser).submit(shown, {}, 'allow'));
    expect(pressed.filter(({ page }) => page.includes('The device is connected'))).toHaveLength(1);
    const poll = { grant_type: DEVICE_CODE_GRANT, device_code: String(asked.body['device_code']) };
    expectOneToken(await race((base) => requestToken(server, poll, tv, { base })), ['invalid_grant']);
  });

  it('the assertion of a client: it is good once', async () => {
    const about = { clientId: signer.id, audience: server.issuer, at: server.clock.now() };
    const assertion = asserted(await signAssertion(key, about));
    const answers = await race((base) =>
      requestToken(server, { ...CLIENT_CREDENTIALS, ...assertion }, undefined, { base }),
    );
    expectOneToken(answers, ['invalid_client', 'temporarily_unavailable', 'slow_down']);
  });

  it('a DPoP proof: one request for a token passes, and one call of an API', async () => {
    const dpop = await createDpopKey();
    const { confidential, publicWeb } = server.clients;
    const headers = {
      authorization: basic(confidential.id, confidential.secret ?? ''),
      dpop: await dpop.proof({ url: `${server.issuer}/api/token` }),
    };
    const answers = await race((base) =>
      requestToken(server, CLIENT_CREDENTIALS, undefined, { base, headers }),
    );
    expectOneToken(answers, ['invalid_dpop_proof']);
    const parameters = { scope: 'openid' };
    const authorized = await signInAndConsent(server, server.newBrowser(), { client: publicWeb, parameters });
    const bound = await exchange(
      server,
      authorized,
      publicWeb,
      {},
      {
        headers: { dpop: await dpop.proof({ url: `${server.issuer}/api/token` }) },
      },
    );
    const { accessToken } = tokensOf(bound);
    const proof = await dpop.proof({ method: 'GET', url: `${server.issuer}/userinfo`, accessToken });
    const called = await race(async (base) =>
      read(
        await fetch(`${base}/userinfo`, { headers: { authorization: `DPoP ${accessToken}`, dpop: proof } }),
      ),
    );
    expect(called.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(called.filter(({ status }) => status === 401)).toHaveLength(WAYS - 1);
  });

  it('a refresh token: every answer within the grace is the same one', async () => {
    const { publicWeb } = server.clients;
    const authorized = await signInAndConsent(server, server.newBrowser(), { client: publicWeb });
    const { refreshToken } = tokensOf(await exchange(server, authorized, publicWeb));
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const answers = await race((base) => requestToken(server, refresh, publicWeb, { base }));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const { refreshToken: next } = tokensOf(answers[0]!);
    const again = await requestToken(server, { ...refresh, refresh_token: next }, publicWeb);
    expect(again.status).toBe(200);
  });
});
