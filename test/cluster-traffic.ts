// Everything that people and apps do with a cluster, over and over, and what it acknowledged. What was not answered
// may or may not have happened; what was answered must stand, and stand once.
import { DEVICE_CODE_GRANT } from '../packages/server/src/domain/client.ts';
import type { TestServer } from './harness.ts';
import { hasForm, NoScriptBrowser, titleOf, type Visit } from './no-script-browser.ts';
import {
  type Answer,
  type Authorized,
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  introspect,
  postForm,
  refresh,
  revoke,
  tokensOf,
} from './oauth-calls.ts';
import { issueTokenFor, TOKENS } from './personal-tokens.ts';
import { callApi } from './admin-calls.ts';
import { push, visit } from './pushed-requests.ts';
import type { Person, RegisteredClient } from './registrations.ts';

/** What the cluster has answered for. */
export interface Journal {
  /** Access tokens and personal access tokens that were issued, and not revoked. */
  readonly live: Set<string>;
  readonly revoked: Set<string>;
  /** The newest refresh token of each sign-in. */
  readonly refreshTokens: Set<string>;
  /** Browsers whose session was ended; as they were before. */
  readonly signedOut: NoScriptBrowser[];
  /** For each one-time object that was used twice at once: how many got something for it. */
  readonly usedTwice: number[];
  /** How often each flow went through. */
  readonly done: Record<string, number>;
  /** Answers that nothing but a lost node or database may give. */
  interrupted: number;
  /** Answers that nothing may give. */
  readonly surprises: string[];
}

export function createJournal(): Journal {
  return {
    live: new Set(),
    revoked: new Set(),
    refreshTokens: new Set(),
    signedOut: [],
    usedTwice: [],
    done: {},
    interrupted: 0,
    surprises: [],
  };
}

/** The node or the database went away: nobody knows what became of the request. */
class Interrupted extends Error {}

export interface Actor {
  readonly server: TestServer;
  readonly person: Person;
  readonly tv: RegisteredClient;
  readonly journal: Journal;
  /** For the account API. */
  readonly accountToken: string;
  browser: NoScriptBrowser;
  devices: number;
}

/** @param server whose `base` is a balancer's */
export async function createActor(
  server: TestServer,
  person: Person,
  tv: RegisteredClient,
  journal: Journal,
): Promise<Actor> {
  const accountToken = await issueTokenFor(server, person.user.id, ['account']);
  return { server, person, tv, journal, accountToken, browser: newBrowser(server), devices: 0 };
}

export function newBrowser({ base, issuer }: TestServer): NoScriptBrowser {
  return new NoScriptBrowser(base, new URL(issuer).origin);
}

/** One flow after the other until it is told to stop. @param first which one it begins with */
export async function act(actor: Actor, first: number, isOver: () => boolean): Promise<void> {
  const { journal } = actor;
  for (let turn = first; !isOver(); turn++) {
    const [name, flow] = FLOWS[turn % FLOWS.length]!;
    try {
      // oxlint-disable-next-line no-await-in-loop -- one flow after the other
      await flow(actor);
      journal.done[name] = (journal.done[name] ?? 0) + 1;
    } catch (error) {
      if (isInterruption(error)) {
        journal.interrupted += 1;
        // Where the sign-in stands is not known any more.
        actor.browser = newBrowser(actor.server);
      } else journal.surprises.push(`${name}: ${String(error)}`);
    }
  }
}

const FLOWS: readonly (readonly [string, (actor: Actor) => Promise<void>])[] = [
  ['client credentials', clientCredentials],
  ['code', codeFlow],
  ['pushed request', pushedRequest],
  ['personal access token', personalToken],
  ['device', deviceFlow],
  ['code twice at once', codeTwice],
  ['sign-out', signOut],
];

function isInterruption(error: unknown): boolean {
  return error instanceof Interrupted || (error instanceof TypeError && error.message === 'fetch failed');
}

/** @throws Interrupted for the answers that a lost node or database gives; Error for any other than expected */
function known(answer: Answer, ...expected: number[]): Answer {
  if (answer.status === 502 || answer.status === 503) throw new Interrupted();
  if (!expected.includes(answer.status)) throw new Error(`${answer.status} ${answer.text.slice(0, 200)}`);
  return answer;
}

function seen(shown: Visit): Visit {
  if (shown.status === 502 || shown.status === 503) throw new Interrupted();
  if (shown.status >= 500) throw new Error(`a page with ${shown.status}: ${titleOf(shown.page)}`);
  return shown;
}

async function clientCredentials({ server, journal }: Actor): Promise<void> {
  const { confidential } = server.clients;
  const form = { grant_type: 'client_credentials' };
  const [kept, ended] = await Promise.all([
    postForm(server, '/api/token', form, confidential),
    postForm(server, '/api/token', form, confidential),
  ]);
  journal.live.add(tokensOf(known(kept, 200)).accessToken);
  const { accessToken } = tokensOf(known(ended, 200));
  known(await revoke(server, accessToken, confidential), 200);
  journal.revoked.add(accessToken);
  const told = known(await introspect(server, accessToken), 200);
  if (told.body['active'] !== false) throw new Error('a revoked token is active at the next node');
}

/** By whatever pages come, to a code for the public app. */
async function authorize({ server, browser, person }: Actor): Promise<Authorized> {
  const client = server.clients.publicWeb;
  const pkce = createPkce();
  const first = seen(await browser.get(authorizeUrl(server, client, pkce)));
  const last = seen(await finishSeen(server, browser, first, person));
  const location = last.leftFor;
  const code = location?.searchParams.get('code') ?? '';
  if (location === undefined || code === '') {
    if (location?.searchParams.get('error') === 'temporarily_unavailable') throw new Interrupted();
    throw new Error(`no code: ${location?.search ?? titleOf(last.page)}`);
  }
  return { code, verifier: pkce.verifier, redirectUri: client.redirectUri, location };
}

async function finishSeen(
  server: TestServer,
  browser: NoScriptBrowser,
  first: Visit,
  person: Person,
): Promise<Visit> {
  if (first.leftFor !== undefined || !hasForm(first.page, 'email', 'password'))
    return finish(server, browser, first, { person });
  const { email, password } = person;
  const after = seen(await browser.submit(first, { email, password }));
  return finish(server, browser, after, { person });
}

async function codeFlow(actor: Actor): Promise<void> {
  const { server, journal } = actor;
  const { publicWeb } = server.clients;
  const tokens = tokensOf(known(await exchange(server, await authorize(actor), publicWeb), 200));
  journal.live.add(tokens.accessToken);
  await renew(actor, tokens.refreshToken);
}

/** Twice, each time by two requests at once, which get one answer; what was not answered is asked again. */
async function renew({ server, journal }: Actor, first: string): Promise<void> {
  let current = first;
  journal.refreshTokens.add(current);
  for (let round = 0; round < 2; round++) {
    const ask = (): Promise<Answer> => refresh(server, current, server.clients.publicWeb);
    // oxlint-disable-next-line no-await-in-loop -- each needs the token of the one before
    const answers = await Promise.all([ask(), ask()]);
    const good = answers.filter(({ status }) => status === 200);
    if (new Set(good.map(({ text }) => text)).size > 1) throw new Error('two leaves of one refresh token');
    for (const answer of answers) known(answer, 200);
    const next = tokensOf(good[0]!);
    journal.refreshTokens.delete(current);
    current = next.refreshToken;
    journal.refreshTokens.add(current);
    journal.live.add(next.accessToken);
  }
}

/** Two exchanges of one code at once: one gets tokens at most, and loses them again. */
async function codeTwice(actor: Actor): Promise<void> {
  const { server, journal } = actor;
  const authorized = await authorize(actor);
  const ask = (): Promise<Answer> => exchange(server, authorized, server.clients.publicWeb);
  const answers = await Promise.all([ask(), ask()]);
  const good = answers.filter(({ status }) => status === 200);
  journal.usedTwice.push(good.length);
  for (const answer of answers) known(answer, 200, 400);
  for (const answer of good) journal.revoked.add(tokensOf(answer).accessToken);
}

async function pushedRequest(actor: Actor): Promise<void> {
  const { server, browser, journal, person } = actor;
  const { confidential } = server.clients;
  const { answer, requestUri, pkce } = await push(server, confidential);
  known(answer, 201);
  const shown = seen(await visit(server, browser, confidential.id, { request_uri: requestUri }));
  const last = seen(await finishSeen(server, browser, shown, person));
  const { redirectUri } = confidential;
  const location = last.leftFor ?? new URL(redirectUri);
  const code = location.searchParams.get('code') ?? '';
  if (code === '') throw new Error(`no code of a pushed request: ${titleOf(last.page)}${location.search}`);
  const authorized = { code, verifier: pkce.verifier, redirectUri, location };
  // What asks for `openid` alone gets a token that the API of the test cannot ask about.
  const { refreshToken } = tokensOf(known(await exchange(server, authorized, confidential), 200));
  const again = seen(await visit(server, browser, confidential.id, { request_uri: requestUri }));
  journal.usedTwice.push(again.leftFor?.searchParams.has('code') === true ? 2 : 1);
  if (refreshToken !== '') {
    known(await revoke(server, refreshToken, confidential), 200);
    known(await refresh(server, refreshToken, confidential), 400);
  }
}

async function personalToken({ server, journal, accountToken }: Actor): Promise<void> {
  const make = async (name: string): Promise<Answer> =>
    known(await callApi(server, accountToken, 'POST', TOKENS, { name, scopes: ['catalog-read'] }), 201);
  const tokenOf = ({ body }: Answer): string => String(body['personal_access_token']);
  journal.live.add(tokenOf(await make('stays')));
  const goes = await make('goes');
  known(await callApi(server, accountToken, 'POST', `${TOKENS}/${String(goes.body['id'])}/revoke`), 200, 204);
  journal.revoked.add(tokenOf(goes));
}

/** A person may enter five codes a minute. */
const DEVICES_AT_MOST = 4;

async function deviceFlow(actor: Actor): Promise<void> {
  const { server, browser, person, tv, journal } = actor;
  if (actor.devices++ >= DEVICES_AT_MOST) return;
  const asked = known(await postForm(server, '/api/device', { scope: 'openid offline_access' }, tv), 200);
  let shown = seen(await browser.get('/device'));
  if (hasForm(shown.page, 'email', 'password')) {
    const { email, password } = person;
    seen(await browser.submit(shown, { email, password }));
    shown = seen(await browser.get('/device'));
  }
  const found = seen(await browser.submit(shown, { user_code: String(asked.body['user_code']) }, 'look'));
  const allowed = seen(await browser.submit(found, {}, 'allow'));
  if (!allowed.page.includes('The device is connected')) throw new Error(titleOf(allowed.page));
  const poll = { grant_type: DEVICE_CODE_GRANT, device_code: String(asked.body['device_code']) };
  const ask = (): Promise<Answer> => postForm(server, '/api/token', poll, tv);
  const answers = await Promise.all([ask(), ask()]);
  journal.usedTwice.push(answers.filter(({ status }) => status === 200).length);
  for (const answer of answers) known(answer, 200, 400);
}

async function signOut(actor: Actor): Promise<void> {
  const { server, browser, journal } = actor;
  await authorize(actor);
  const before = newBrowser(server);
  for (const [name, value] of browser.cookies) before.cookies.set(name, value);
  const page = seen(await browser.get('/logout'));
  const after = seen(await browser.submit(page, {}));
  actor.browser = newBrowser(server);
  if (after.status !== 200) throw new Error(`not signed out: ${titleOf(after.page)}`);
  journal.signedOut.push(before);
}
