// No secret that anybody is given stands in anything that is kept or told to others (OP-01, R18): what is handed out by
// the flows is collected as it goes, without knowing what it is, and then everything is searched for it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import { timeCode, timeStepAt } from '../../packages/server/src/people/time-codes.ts';
import { signedIn } from '../account-calls.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { lentToken, makeAgent, ownToken } from '../agents.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { linkIn, mailTo } from '../mails.ts';
import { MINUTE } from '../movable-clock.ts';
import { obtainTokens, postForm, refresh, requestToken } from '../oauth-calls.ts';
import { tokenOwner, TOKENS } from '../personal-tokens.ts';
import { MUSIC } from '../registrations.ts';
import { collectFromFetch, collectFromText, contentOf, foundIn, type Secrets } from '../secrets.ts';

const EMAIL = 'grace@example.test';
const FIRST_PASSWORD = 'a password of several words';
const SECOND_PASSWORD = 'another one of several words';

describe.each(STORES)('what is handed out on %s', (store) => {
  let server: TestServer;
  let admin: string;
  const secrets: Secrets = new Map();

  beforeAll(async () => {
    server = await startTestServer({ store, config: { sign_up: 'on', dynamic_registration: 'open' } });
    admin = await adminToken(server);
    const stop = collectFromFetch(secrets);
    try {
      await obtainAndExchange();
      await ownTokens();
      await agents();
      await appSecrets();
      await account();
      await secondFactor();
    } finally {
      stop();
    }
    for (const { text } of server.mailbox.list()) collectFromText(secrets, text);
    for (const password of [FIRST_PASSWORD, SECOND_PASSWORD, server.person.password]) {
      secrets.set(`the password ${secrets.size}`, password);
    }
  });
  afterAll(() => server?.close());

  async function obtainAndExchange(): Promise<void> {
    const service = await server.registerClient({
      id: 'music-service',
      redirectUris: [],
      grantTypes: ['client_credentials', TOKEN_EXCHANGE_GRANT],
    });
    await callApi(server, admin, 'PATCH', `/admin/v1/resources/${server.resources.music.id}`, {
      resource_servers: ['music-server', service.id],
      client_token_scopes: ['catalog-read'],
    });
    await requestToken(server, { grant_type: 'client_credentials' }, server.clients.confidential);
    const parameters = { scope: 'openid user-read-private', resource: MUSIC };
    const tokens = await obtainTokens(server, server.newBrowser(), { parameters });
    await refresh(server, tokens.refreshToken, server.clients.confidential);
    await requestToken(
      server,
      {
        grant_type: TOKEN_EXCHANGE_GRANT,
        subject_token: tokens.accessToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
      service,
    );
    await postForm(server, '/api/leaked-tokens', { token: tokens.accessToken });
    await fetch(`${server.base}/api/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://new.example/cb'] }),
    });
  }

  async function ownTokens(): Promise<void> {
    const owner = await tokenOwner(server, 'owner@example.test');
    const { id, token } = await owner.make();
    await postForm(server, '/api/introspect', { token }, server.clients.musicServer);
    await owner.call('POST', `${TOKENS}/${id}/regenerate`, {});
  }

  async function agents(): Promise<void> {
    const agent = await makeAgent(await signedIn(server));
    await ownToken(server, agent);
    await lentToken(server, agent, server.newBrowser(), server.person);
  }

  async function appSecrets(): Promise<void> {
    const { id } = server.clients.confidential;
    await callApi(server, admin, 'POST', `/admin/v1/clients/${id}/secrets`, {});
    await callApi(server, admin, 'POST', `/admin/v1/clients/${id}/client-token`, {});
    await callApi(server, admin, 'POST', '/admin/v1/initial-access-tokens', { name: 'For apps' });
  }

  async function account(): Promise<void> {
    const browser = server.newBrowser();
    await browser.submit(await browser.get('/signup'), { email: EMAIL });
    const form = await browser.get(linkIn(await mailTo(server, EMAIL)));
    await browser.submit(form, { display_name: 'Grace', password: FIRST_PASSWORD });
    await browser.submit(await browser.get('/recover'), { email: EMAIL });
    const recovery = await browser.get(linkIn(await mailTo(server, EMAIL, 2)));
    await browser.submit(recovery, { password: SECOND_PASSWORD });
    await mailTo(server, EMAIL, 3);
    // Never opened: it waits in the database.
    await browser.submit(await browser.get('/recover'), { email: EMAIL });
    await mailTo(server, EMAIL, 4);
  }

  async function secondFactor(): Promise<void> {
    server.clock.advance(20 * MINUTE);
    const browser = server.newBrowser();
    const signIn = await browser.get('/login?next=set-up');
    await browser.submit(signIn, { email: EMAIL, password: SECOND_PASSWORD });
    const app = await browser.get('/login/set-up?kind=app');
    const seed = /class="seed">([A-Z2-7 ]+)</.exec(app.page)?.[1]?.replaceAll(' ', '') ?? '';
    const bytes = fromBase32(seed);
    for (const spelling of ['hex', 'base64', 'base64url'] as const) {
      secrets.set(`the seed in ${spelling}`, bytes.toString(spelling));
    }
    await browser.submit(app, { code: timeCode(bytes, timeStepAt(server.clock.now())) });
    const codes = [...secrets].filter(([what]) => what.startsWith('a recovery code'));
    const next = server.newBrowser();
    const asked = await next.submit(await next.get('/login'), { email: EMAIL, password: SECOND_PASSWORD });
    const [, otherWay = ''] = /href="([^"]+)">Use a recovery code/.exec(asked.page) ?? [];
    const step = await next.get(otherWay.replaceAll('&amp;', '&'));
    const done = await next.submit(step, { code: codes[0]?.[1] ?? '' });
    expect(done.page).toContain('You are signed in.');
  }

  it('is of every kind', () => {
    const kinds = new Set([...secrets.values()].map((value) => /^tsr_[a-z]+_/.exec(value)?.[0]));
    const expected = ['at', 'rt', 'ac', 'pat', 'cs', 'dc', 'rat', 'se', 'ia', 'ml'];
    expect([...kinds]).toEqual(expect.arrayContaining(expected.map((kind) => `tsr_${kind}_`)));
    const whats = new Set([...secrets.keys()].map((what) => what.replace(/ \d+$/, '')));
    const others = ['a JWT', 'a cookie', 'a seed', 'the seed in hex', 'a recovery code'];
    expect([...whats]).toEqual(expect.arrayContaining(others));
  });

  it('would be found, however it is written', () => {
    for (const value of secrets.values()) {
      const bytes = Buffer.from(value);
      for (const text of [
        value,
        encodeURIComponent(value),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ])
        expect(foundIn(`x ${text} x`, secrets)).not.toEqual([]);
    }
  });

  it('is in no line of the log, at its most talkative', () => {
    expect(server.log.length).toBeGreaterThan(50);
    expect(foundIn(server.log.join('\n'), secrets)).toEqual([]);
  });

  it('is in no metric', async () => {
    expect(foundIn(await server.tessera.metrics.text(), secrets)).toEqual([]);
  });

  it.each([
    '/admin/v1/audit-events?limit=200',
    '/admin/v1/audit-events/export?format=jsonl',
    '/admin/v1/audit-events/export?format=csv',
    '/admin/v1/refusals?limit=200',
    '/admin/v1/users?limit=200',
    '/admin/v1/clients?limit=200',
    '/admin/v1/tokens?limit=200',
    '/admin/v1/grants?limit=200',
    '/admin/v1/personal-access-tokens?limit=200',
    '/admin/v1/initial-access-tokens?limit=200',
    '/admin/v1/agents?limit=200',
    '/admin/v1/overview',
  ])('is not told again by %s', async (path) => {
    const answer = await callApi(server, admin, 'GET', path);
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeGreaterThan(100);
    expect(foundIn(answer.text, secrets)).toEqual([]);
  });

  it('is in no place of the database (R18)', async () => {
    const content = await contentOf(server.databaseUrl);
    expect(content).toContain(EMAIL);
    expect(foundIn(content, secrets)).toEqual([]);
  });
});

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
