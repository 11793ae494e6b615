// Every flow in which somebody is given a secret, with people and apps of its own each time.
import { TOKEN_EXCHANGE_GRANT } from '../packages/server/src/domain/client.ts';
import { signedIn } from './account-calls.ts';
import { adminToken, callApi } from './admin-calls.ts';
import { lentToken, makeAgent, ownToken } from './agents.ts';
import type { TestServer } from './harness.ts';
import { linkIn, mailTo } from './mails.ts';
import { MINUTE } from './movable-clock.ts';
import { obtainTokens, postForm, refresh, requestToken } from './oauth-calls.ts';
import { tokenOwner, TOKENS } from './personal-tokens.ts';
import { MUSIC } from './registrations.ts';
import { setUpApp } from './second-factors.ts';
import { collectFromFetch, collectFromText, type Secrets } from './secrets.ts';

/** What the server needs to be told, so that every flow is open. */
export const EVERY_FLOW = { sign_up: 'on', dynamic_registration: 'open' } as const;

/** Where administrators read about all of it afterwards. */
export const RETOLD = [
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
] as const;

interface Turn {
  readonly server: TestServer;
  readonly admin: string;
  readonly secrets: Secrets;
  /** Tells the people and apps of one time from those of another. */
  readonly turn: number;
}

/** Runs them, and collects what they hand out. The clock goes on by less than an hour. */
export async function handOutSecrets(server: TestServer, secrets: Secrets, turn = 1): Promise<void> {
  const of: Turn = { server, secrets, turn, admin: await adminToken(server) };
  const stop = collectFromFetch(secrets);
  const read = server.mailbox.list().length;
  try {
    await obtainAndExchange(of);
    await ownTokens(of);
    await agents(of);
    await appSecrets(of);
    await account(of);
    await secondFactor(of);
  } finally {
    stop();
  }
  const mails = server.mailbox.list();
  for (const { text } of mails.slice(0, mails.length - read)) collectFromText(secrets, text);
  const known = new Set(secrets.values());
  for (const password of [...passwordsOf(turn), server.person.password]) {
    if (!known.has(password)) secrets.set(`the password ${secrets.size}`, password);
  }
}

export const newcomerOf = (turn: number): string => `grace${turn}@example.test`;

const passwordsOf = (turn: number): readonly [string, string] => [
  `a password of several words ${turn}`,
  `another one of several words ${turn}`,
];

async function obtainAndExchange({ server, admin, turn }: Turn): Promise<void> {
  const service = await server.registerClient({
    id: `music-service-${turn}`,
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

async function ownTokens({ server, turn }: Turn): Promise<void> {
  const owner = await tokenOwner(server, `owner${turn}@example.test`);
  const { id, token } = await owner.make();
  await postForm(server, '/api/introspect', { token }, server.clients.musicServer);
  await owner.call('POST', `${TOKENS}/${id}/regenerate`, {});
}

async function agents({ server, turn }: Turn): Promise<void> {
  const person = await server.registerPerson({ email: `principal${turn}@example.test` });
  const agent = await makeAgent(await signedIn(server, person));
  await ownToken(server, agent);
  await lentToken(server, agent, server.newBrowser(), person);
}

async function appSecrets({ server, admin, turn }: Turn): Promise<void> {
  const { id } = await server.registerClient({ id: `app-${turn}` });
  await callApi(server, admin, 'POST', `/admin/v1/clients/${id}/secrets`, {});
  await callApi(server, admin, 'POST', `/admin/v1/clients/${id}/client-token`, {});
  await callApi(server, admin, 'POST', '/admin/v1/initial-access-tokens', { name: 'For apps' });
}

async function account({ server, turn }: Turn): Promise<void> {
  const email = newcomerOf(turn);
  const [first, second] = passwordsOf(turn);
  const browser = server.newBrowser();
  await browser.submit(await browser.get('/signup'), { email });
  const form = await browser.get(linkIn(await mailTo(server, email)));
  await browser.submit(form, { display_name: 'Grace', password: first });
  await browser.submit(await browser.get('/recover'), { email });
  const recovery = await browser.get(linkIn(await mailTo(server, email, 2)));
  await browser.submit(recovery, { password: second });
  await mailTo(server, email, 3);
  // Never opened: it waits in the database.
  await browser.submit(await browser.get('/recover'), { email });
  await mailTo(server, email, 4);
}

async function secondFactor({ server, secrets, turn }: Turn): Promise<void> {
  server.clock.advance(20 * MINUTE);
  const [email, password] = [newcomerOf(turn), passwordsOf(turn)[1]];
  const browser = server.newBrowser();
  await browser.submit(await browser.get('/login?next=set-up'), { email, password });
  const { app, codes } = await setUpApp(server, browser, await browser.get('/login/set-up'));
  for (const spelling of ['hex', 'base64', 'base64url'] as const) {
    secrets.set(`the seed in ${spelling} ${secrets.size}`, Buffer.from(app.seed).toString(spelling));
  }
  const next = server.newBrowser();
  const asked = await next.submit(await next.get('/login'), { email, password });
  const [, otherWay = ''] = /href="([^"]+)">Use a recovery code/.exec(asked.page) ?? [];
  const step = await next.get(otherWay.replaceAll('&amp;', '&'));
  const done = await next.submit(step, { code: codes[0] ?? '' });
  if (!done.page.includes('You are signed in.')) throw new Error('a recovery code is refused');
}
