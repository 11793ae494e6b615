// Logout by the app: only with a good hint to a registered address, and really.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Visit } from '../harness/browser.ts';
import type { Check } from '../harness/check.ts';
import { expectRefused } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { act, answerOf, obtainTokens, requestUrl } from '../harness/flow.ts';
import { encode, type Parameters } from '../harness/http.ts';
import { assemble, seconds, sign } from '../harness/jwt.ts';
import { type Client, createKey, type Target } from '../harness/target.ts';

const AFTER = 'https://app.example.com/signed-out';

function logoutClient(target: Target): Promise<Client> {
  return target.once('logout client', () =>
    target.createClient({ client_name: 'Leaver', post_logout_redirect_uris: [AFTER] }),
  );
}

interface Session {
  readonly browser: Browser;
  readonly client: Client;
  readonly hint: string;
}

async function session(target: Target, client?: Client): Promise<Session> {
  const own = client ?? (await logoutClient(target));
  const browser = target.browser();
  const { idToken } = await obtainTokens(target, { client: own, browser });
  return { browser, client: own, hint: idToken };
}

/** Asks to sign out and confirms, if asked. */
async function leave(target: Target, { browser }: Session, parameters: Parameters): Promise<Visit> {
  const endpoint = target.endpoint('end_session_endpoint');
  const visit = await browser.get(`${endpoint}?${encode(parameters)}`);
  const action = visit.leftFor === undefined ? target.hooks.pages.signOut?.(visit.text) : undefined;
  return action === undefined ? visit : act(browser, visit, action);
}

async function isSignedIn(target: Target, { browser, client }: Session): Promise<boolean> {
  const visit = await browser.get(requestUrl(target, client, { prompt: 'none' }));
  return answerOf(target, visit).get('error') !== 'login_required' && answerOf(target, visit).has('code');
}

function expectStays(visit: Visit): void {
  ensure(visit.leftFor === undefined, `The browser was sent to ${visit.leftFor}`);
  ensure(visit.status < 500, `Status ${visit.status}`);
}

type Case = readonly [
  id: string,
  title: string,
  build: (session: Session, target: Target) => Promise<Parameters> | Parameters,
];

const NO_REDIRECT: readonly Case[] = [
  [
    'LO-02',
    'An unregistered address is not gone to',
    ({ hint }) => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' }),
  ],
  [
    'LO-03',
    'A registered address with a query added is not gone to',
    ({ hint }) => ({ id_token_hint: hint, post_logout_redirect_uri: `${AFTER}?x=1` }),
  ],
  [
    'LO-04',
    'A hint with alg none leads nowhere',
    ({ hint }) => ({
      id_token_hint: assemble(
        { alg: 'none' },
        JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString()),
      ),
      post_logout_redirect_uri: AFTER,
    }),
  ],
  [
    'LO-05',
    'A hint signed with a foreign key leads nowhere',
    async ({ client }, target) => ({
      id_token_hint: await sign(await createKey('RS256'), {
        iss: target.issuer,
        aud: client.id,
        sub: 'x',
        iat: seconds(),
        exp: seconds(60),
      }),
      post_logout_redirect_uri: AFTER,
    }),
  ],
  [
    'LO-06',
    'Without a hint and without client_id no address is gone to',
    () => ({ post_logout_redirect_uri: AFTER }),
  ],
  ['LO-07', 'Without parameters the person is asked, or signed out, on a page', () => ({})],
  ['LO-08', 'With state alone nothing is gone to', () => ({ state: 'x' })],
  ['LO-09', 'Without an address the person stays on a page', ({ hint }) => ({ id_token_hint: hint })],
];

export const logoutChecks: readonly Check[] = [
  {
    id: 'LO-01',
    title: 'Logout with a hint and a registered address: signed out, and sent there with the state',
    source: 'OpenID Connect RP-Initiated Logout §2, §3; oidcc-rp-initiated-logout',
    needs: ['end_session', 'code', 'openid'],
    async run(target) {
      const own = await session(target);
      ensure(await isSignedIn(target, own), 'Nobody was signed in');
      const visit = await leave(target, own, {
        id_token_hint: own.hint,
        post_logout_redirect_uri: AFTER,
        state: 'after all',
      });
      const to = new URL(visit.leftFor ?? 'about:blank');
      ensureEqual(`${to.origin}${to.pathname}`, AFTER, `Where the browser was sent (status ${visit.status})`);
      ensureEqual(to.searchParams.get('state'), 'after all', 'state');
      ensure(!(await isSignedIn(target, own)), 'The person is still signed in');
    },
  },
  {
    id: 'LO-10',
    title: 'Without state there is none in the redirect',
    source: 'OpenID Connect RP-Initiated Logout §2; oidcc-rp-initiated-logout-no-state',
    needs: ['end_session', 'code', 'openid'],
    async run(target) {
      const own = await session(target);
      const visit = await leave(target, own, { id_token_hint: own.hint, post_logout_redirect_uri: AFTER });
      ensure(visit.leftFor?.startsWith(AFTER) === true, `The browser was sent to ${visit.leftFor}`);
      ensureEqual(new URL(visit.leftFor).searchParams.has('state'), false, 'state');
    },
  },
  {
    id: 'LO-11',
    title: 'Logout takes a POST, too',
    source: 'OpenID Connect RP-Initiated Logout §2',
    needs: ['end_session', 'code', 'openid'],
    async run(target) {
      const own = await session(target);
      const parameters = { id_token_hint: own.hint, post_logout_redirect_uri: AFTER };
      const first = await own.browser.post(target.endpoint('end_session_endpoint'), parameters, [
        ['content-type', 'application/x-www-form-urlencoded'],
        ['origin', 'https://app.example.com'],
        ['sec-fetch-site', 'cross-site'],
      ]);
      const action = first.leftFor === undefined ? target.hooks.pages.signOut?.(first.text) : undefined;
      const visit = action === undefined ? first : await act(own.browser, first, action);
      ensure(
        visit.leftFor?.startsWith(AFTER) === true,
        `The browser was sent to ${visit.leftFor} (status ${visit.status})`,
      );
    },
  },
  ...NO_REDIRECT.map(
    ([id, title, build]): Check => ({
      id,
      title,
      source: 'OpenID Connect RP-Initiated Logout §2, §3',
      needs: ['end_session', 'code', 'openid'],
      async run(target) {
        const own = await session(target);
        expectStays(await leave(target, own, await build(own, target)));
      },
    }),
  ),
  {
    id: 'AZ-71-logout',
    title: 'Nobody is signed out by a form of another site without being asked',
    source: 'OpenID Connect RP-Initiated Logout §6; logout CSRF',
    needs: ['end_session', 'code', 'openid'],
    async run(target) {
      const own = await session(target);
      await own.browser.post(target.endpoint('end_session_endpoint'), {}, [
        ['content-type', 'application/x-www-form-urlencoded'],
        ['origin', 'https://evil.example'],
        ['sec-fetch-site', 'cross-site'],
      ]);
      ensure(await isSignedIn(target, own), 'The person was signed out');
    },
  },
  {
    id: 'LO-12',
    title: 'A receiver of logout tokens on this machine cannot be registered, or is not called',
    source: 'OpenID Connect Back-Channel Logout §2.2; CWE-918',
    needs: ['backchannel_logout', 'end_session', 'code', 'openid'],
    async run(target) {
      let hits = 0;
      const server = createServer((_request, response) => {
        hits++;
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      try {
        for (const backchannel_logout_uri of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`]) {
          // oxlint-disable-next-line no-await-in-loop -- two
          const client = await target
            .createClient({ backchannel_logout_uri, post_logout_redirect_uris: [AFTER] })
            .catch((error: unknown) => {
              if ((error as Error).name === 'RegistrationRefused') return undefined;
              throw error;
            });
          if (client === undefined) continue;
          // oxlint-disable-next-line no-await-in-loop -- two
          const own = await session(target, client);
          // oxlint-disable-next-line no-await-in-loop -- two
          await leave(target, own, { id_token_hint: own.hint, post_logout_redirect_uri: AFTER });
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
        ensureEqual(hits, 0, 'Calls of the server to this machine');
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    },
  },
  {
    id: 'LO-00',
    title: 'A nonsense request to sign out is no fault of the server',
    source: 'OpenID Connect RP-Initiated Logout §4',
    needs: ['end_session'],
    async run(target) {
      const endpoint = target.endpoint('end_session_endpoint');
      for (const query of [
        'id_token_hint=x&id_token_hint=y',
        'id_token_hint=%00',
        'client_id=nope',
        `state=${'x'.repeat(6000)}`,
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- few
        const { status } = await target.browser().get(`${endpoint}?${query}`);
        ensureOneOf(Math.floor(status / 100), [2, 3, 4], `Class of the status for ${query.slice(0, 30)}`);
      }
      const put = await target.send({ method: 'PUT', url: endpoint });
      expectRefused(put, 'PUT');
      ensureMatch(String(put.status), /^4/, 'Status of PUT');
    },
  },
];
