// Where an answer may be sent: every known way to smuggle another address past the check.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import { createPkce, encode, exchange, finish, signInAndConsent } from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

interface Row {
  readonly id: string;
  readonly v: string | readonly string[] | Readonly<Record<string, string>>;
  readonly expect?: 'accept';
  readonly registered?: string;
}

const list = JSON.parse(
  readFileSync(new URL('../vectors/redirect-uri-attacks.json', import.meta.url), 'utf8'),
) as {
  readonly registered: string;
  readonly attacks: readonly Row[];
  readonly loopback: { readonly registered: string; readonly rows: readonly Row[] };
};

/** `@repeat:start,unit,times` stands for a value that is too long to be written down. */
function spelled(value: string): string {
  const repeated = /^@repeat:(.*),(.*),(\d+)$/.exec(value);
  return repeated === null ? value : `${repeated[1]}${(repeated[2] ?? '').repeat(Number(repeated[3]))}`;
}

function parametersOf({ v }: Row): Readonly<Record<string, string | readonly string[]>> {
  if (typeof v === 'string') return { redirect_uri: spelled(v) };
  return Array.isArray(v)
    ? { redirect_uri: v as readonly string[] }
    : (v as Readonly<Record<string, string>>);
}

describe.each(STORES)('redirect_uri on %s', (store) => {
  let server: TestServer;
  let signedIn: NoScriptBrowser;
  let web: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    web = await server.registerClient({ id: 'web', redirectUris: [list.registered] });
    signedIn = server.newBrowser();
    await signInAndConsent(server, signedIn, { client: web, parameters: { scope: 'openid' } });
  });
  afterAll(() => server?.close());

  function query(
    client: RegisteredClient,
    more: Readonly<Record<string, string | readonly string[]>>,
  ): string {
    const { challenge } = createPkce();
    const standard = { response_type: 'code', client_id: client.id, state: 'st', scope: 'openid' };
    return encode({ ...standard, code_challenge: challenge, code_challenge_method: 'S256', ...more });
  }

  function expectPage(visit: Visit, values: readonly string[]): void {
    expect(visit.status).toBeGreaterThanOrEqual(400);
    expect(visit.status).toBeLessThan(500);
    expect(visit.statuses).toHaveLength(1);
    expect(visit.headers.get('location')).toBeNull();
    expect(visit.headers.getSetCookie()).toEqual([]);
    for (const value of values) {
      if (/[<>"']/.test(value)) expect(visit.page).not.toContain(value);
      if (value.includes('evil')) expect(visit.page).not.toContain('evil');
    }
    expect(visit.page).not.toContain('http-equiv');
  }

  // A person who is signed in and has consented before would be sent on at once, were the address a good one.
  describe.each(['GET', 'POST'])('by %s', (method) => {
    it.each(list.attacks)('$id is answered with a page', async (row) => {
      const parameters = parametersOf(row);
      const visit = await send(method, query(web, parameters));
      // Beyond 16 kB Node itself refuses a query, without a page.
      if (visit.status !== 431 && visit.status !== 413)
        expect(visit.headers.get('content-type')).toMatch(/^text\/html/);
      expectPage(visit, Object.values(parameters).flat());
    });
  });

  async function send(method: string, parameters: string): Promise<Visit> {
    if (method === 'GET') return signedIn.get(`/authorize?${parameters}`);
    const response = await fetch(`${server.base}/authorize`, {
      method: 'POST',
      body: parameters,
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...signedIn.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    const { status, headers, url } = response;
    return { url, status, headers, page: await response.text(), leftFor: undefined, statuses: [status] };
  }

  it('that is the registered one is accepted', async () => {
    const visit = await send('GET', query(web, { redirect_uri: list.registered }));
    expect(visit.leftFor?.href).toMatch(/^https:\/\/app\.example\.com\/cb\?code=tsr_ac_/);
  });

  it.each([
    ['with one registered (AZ-57)', [list.registered]],
    [
      'with two registered (AZ-57, oidcc-ensure-redirect-uri-in-authorization-request)',
      [list.registered, 'https://b.example/cb'],
    ],
  ])('that is missing is refused %s', async (name, redirectUris) => {
    const client = await server.registerClient({
      id: `missing-${redirectUris.length}-${name.length}`,
      redirectUris,
    });
    expectPage(await send('GET', query(client, {})), []);
  });

  describe('on loopback, for a native client (AZ-44..56, RFC 8252 §7.3)', () => {
    it.each(list.loopback.rows)('$id', async (row) => {
      const registered = row.registered ?? list.loopback.registered;
      const client = await server.registerClient({
        id: `loopback-${row.id}`,
        applicationType: 'native',
        tokenEndpointAuthMethod: 'none',
        redirectUris: [registered],
      });
      const [value = ''] = Object.values(parametersOf(row)).flat();
      const visit = await send('GET', query(client, { redirect_uri: value }));
      if (row.expect === 'accept') {
        const pkce = createPkce();
        const parameters = { redirect_uri: value, code_challenge: pkce.challenge };
        const end = await finish(
          server,
          signedIn,
          await signedIn.get(`/authorize?${query(client, parameters)}`),
        );
        expect(end.leftFor?.href.startsWith(`${value}?code=`)).toBe(true);
        const code = end.leftFor?.searchParams.get('code') ?? '';
        const authorized = { code, verifier: pkce.verifier, redirectUri: value, location: end.leftFor! };
        // The token request has to repeat the port that was used, not the registered URI (RFC 6749 §4.1.3).
        expect(await exchange(server, { ...authorized, redirectUri: registered }, client)).toMatchObject({
          status: 400,
        });
        expect(await exchange(server, authorized, client)).toMatchObject({ status: 200 });
      } else {
        expectPage(visit, [value]);
      }
    });

    it('with a port of its own keeps that port', async () => {
      const client = await server.registerClient({
        id: 'fixed-port',
        applicationType: 'native',
        tokenEndpointAuthMethod: 'none',
        redirectUris: ['http://127.0.0.1:7777/cb'],
      });
      expectPage(await send('GET', query(client, { redirect_uri: 'http://127.0.0.1:7778/cb' })), []);
      expectPage(await send('GET', query(client, { redirect_uri: 'http://127.0.0.1/cb' })), []);
    });

    it.each(['127.0.0.1', '[::1]'])(
      'is refused to a web client that has not registered it: %s',
      async (host) => {
        expectPage(await send('GET', query(web, { redirect_uri: `http://${host}:1234/cb` })), []);
      },
    );
  });

  it('keeps its own query, and gets each of ours once (AZ-65, oidcc-redirect-uri-query-OK)', async () => {
    const redirectUri = 'https://app.example.com/cb?tenant=a%20b&x=1';
    const client = await server.registerClient({ id: 'with-query', redirectUris: [redirectUri] });
    const { location } = await signInAndConsent(server, signedIn, { client });
    expect(location.href.startsWith(`${redirectUri}&code=`)).toBe(true);
    expect([...location.searchParams.keys()]).toEqual(['tenant', 'x', 'code', 'state', 'iss']);
    expectPage(await send('GET', query(client, { redirect_uri: 'https://app.example.com/cb' })), []);
    expectPage(
      await send('GET', query(client, { redirect_uri: 'https://app.example.com/cb?tenant=b&x=1' })),
      [],
    );
  });
});
