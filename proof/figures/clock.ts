// R10: the clock jumps while tokens, codes and proofs are out there.
import { createDpopKey } from '../../test/dpop-key.ts';
import { startTestServer, type TestServer } from '../../test/harness.ts';
import { DAY, HOUR, MINUTE } from '../../test/movable-clock.ts';
import { createDice, pick } from '../../test/mutations.ts';
import type { NoScriptBrowser } from '../../test/no-script-browser.ts';
import {
  type Answer,
  type Authorized,
  basic,
  exchange,
  introspect,
  refresh,
  requestToken,
  revoke,
  signInAndConsent,
  tokensOf,
  type Tokens,
} from '../../test/oauth-calls.ts';
import { push, visit } from '../../test/pushed-requests.ts';
import { OPAQUE } from '../../test/registrations.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';

const YEAR = 365 * DAY;
const JUMPS: readonly (readonly [string, number])[] = [
  ['an hour on', HOUR],
  ['an hour back', -HOUR],
  ['a day on', DAY],
  ['a day back', -DAY],
  ['ten years on', 10 * YEAR],
  ['five seconds on', 5000],
  ['five seconds back', -5000],
  ['a minute back', -MINUTE],
  ['nowhere: it stands still', 0],
];
const LIFETIME_MS = HOUR;
/** A node that far ahead clears away codes and tokens that are good by everybody else's clock. */
const FAR = DAY;

export const clock: Figure = {
  id: 'R10',
  claim:
    'when the clock jumps, no token outlives its end, nothing that was used or revoked comes back, and a few seconds sign nobody out',
  method: `Before each jump there are a code that was redeemed and one that was not, a refresh token that was replaced, an access token that is good and one that was revoked, a pushed request that was answered and a DPoP proof that was taken. Then the clock that the server is given jumps (${JUMPS.map(([name]) => name).join(', ')}), in some rounds once more, back to where it was. Everything is tried again: an access token is good exactly until its end by the clock, and the rest stays used. A clock that was a day or more ahead has had what it took for over cleared away: until the next jump is over, what was good may be refused, and a code that nobody knows any more ends nothing.`,
  trial: 'jump',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 6, usual: 100 },
  measure,
};

async function measure({ ground, rounds, seed, tell }: Settings): Promise<Outcome> {
  if (ground === 'none') throw new Error('a clock needs something to measure');
  const server = await startTestServer({ store: ground, config: { log_level: 'error' } });
  const [dice, failures] = [createDice(seed), new Failures()];
  try {
    let wasFarAhead = false;
    for (let round = 1; round <= rounds; round += 1) {
      const [name, by] = pick(JUMPS, dice);
      // oxlint-disable-next-line no-await-in-loop -- there is one clock
      failures.add(await jump(server, { name, by, wasFarAhead, returns: dice(3) === 0 }));
      wasFarAhead = by >= FAR;
      if (round % 20 === 0) tell(`${round} of ${rounds}, ${failures.failed} failed`);
    }
    const { failed, told } = failures;
    return { trials: rounds, failed, failures: told, figures: { kindsOfJump: JUMPS.length } };
  } finally {
    await server.close();
  }
}

/** What lies about before the jump. */
interface Before {
  readonly at: number;
  readonly used: Authorized;
  readonly fresh: Authorized;
  readonly tokens: Tokens;
  /** The answer to the rotation of the first refresh token. */
  readonly rotated: Answer;
  readonly revoked: string;
  readonly requestUri: string;
  readonly proof: Readonly<Record<string, string>>;
}

interface Jump {
  readonly name: string;
  /** Milliseconds. */
  readonly by: number;
  readonly returns: boolean;
  /** In the jump before: what is cleared away by that clock may still be under way. */
  readonly wasFarAhead: boolean;
}

async function jump(
  server: TestServer,
  { name, by, returns, wasFarAhead }: Jump,
): Promise<readonly string[]> {
  server.clock.reset();
  const browser = server.newBrowser();
  const before = await prepare(server, browser);
  server.clock.stopAt(before.at + by);
  const wrong = await look(server, browser, before, { by, isKnown: !wasFarAhead });
  // A code, too, is good for its minute only: it was tried above.
  if (returns) server.clock.stopAt(before.at + 1000);
  if (returns) wrong.push(...(await usedOnes(server, browser, before, by < FAR && !wasFarAhead)));
  return wrong.map((one) => `${name}${returns ? ', and back' : ''}: ${one}`);
}

async function prepare(server: TestServer, browser: NoScriptBrowser): Promise<Before> {
  const { publicWeb: client, confidential } = server.clients;
  const options = { client, parameters: { scope: 'catalog-read', resource: OPAQUE } };
  const used = await signInAndConsent(server, browser, options);
  const at = server.clock.now();
  server.clock.stopAt(at);
  const tokens = tokensOf(await exchange(server, used, client));
  const rotated = await refresh(server, tokens.refreshToken, client);
  const fresh = await signInAndConsent(server, browser, options);
  const form = { grant_type: 'client_credentials', resource: OPAQUE };
  const { accessToken: revoked } = tokensOf(await requestToken(server, form, confidential));
  await revoke(server, revoked, confidential);
  const { requestUri } = await push(server, client, options.parameters);
  await visit(server, browser, client.id, { request_uri: requestUri });
  const dpop = await createDpopKey();
  const proof = {
    authorization: basic(confidential.id, confidential.secret ?? ''),
    dpop: await dpop.proof({ url: `${server.issuer}/api/token`, at }),
  };
  const taken = await requestToken(server, form, undefined, { headers: proof });
  if (taken.status !== 200) throw new Error(`the proof is refused: ${taken.text}`);
  return { at, used, fresh, tokens, rotated, revoked, requestUri, proof };
}

async function look(
  server: TestServer,
  browser: NoScriptBrowser,
  before: Before,
  { by, isKnown }: { readonly by: number; readonly isKnown: boolean },
): Promise<string[]> {
  const { tokens, fresh } = before;
  const { publicWeb } = server.clients;
  const wrong: string[] = [];
  const isGood = (await introspect(server, tokens.accessToken)).body['active'] === true;
  if (isGood && by >= LIFETIME_MS) wrong.push('a token of an hour is good after its end');
  if (!isGood && by < LIFETIME_MS && isKnown) wrong.push('a token of an hour is refused before its end');
  const isSignedIn = (await browser.get('/login')).page.includes('action="/logout"');
  if (Math.abs(by) <= 5000 && !isSignedIn) wrong.push('a few seconds signed the person out');
  if (by >= YEAR && isSignedIn) wrong.push('a session lives for ten years');
  const redeemed = (await exchange(server, fresh, publicWeb)).status;
  if (by >= MINUTE && redeemed !== 400) wrong.push(`a code of a minute is taken later: ${redeemed}`);
  if (Math.abs(by) <= 5000 && isKnown && redeemed !== 200) wrong.push(`a good code is refused: ${redeemed}`);
  wrong.push(...(await usedOnes(server, browser, before, isKnown)));
  return wrong;
}

/**
 * Whatever the clock says, these were used. The code is the last: it ends everything that came of it.
 * @param isKnown not cleared away by a clock far ahead
 */
async function usedOnes(
  server: TestServer,
  browser: NoScriptBrowser,
  { used, tokens, rotated, revoked, requestUri, proof }: Before,
  isKnown: boolean,
): Promise<readonly string[]> {
  const { publicWeb } = server.clients;
  const wrong: string[] = [];
  const form = { grant_type: 'client_credentials', resource: OPAQUE };
  if ((await introspect(server, revoked)).body['active'] !== false) wrong.push('a revoked token is good');
  const replayed = await requestToken(server, form, undefined, { headers: proof });
  if (replayed.status !== 400) wrong.push(`a proof is taken twice: ${replayed.status}`);
  const visited = await visit(server, browser, publicWeb.id, { request_uri: requestUri });
  if (visited.leftFor?.searchParams.has('code') === true) wrong.push('a pushed request is answered twice');
  const again = await refresh(server, tokens.refreshToken, publicWeb);
  if (again.status === 200 && again.text !== rotated.text) wrong.push('a replaced token gives another one');
  const twice = await exchange(server, used, publicWeb);
  if (twice.status !== 400) wrong.push(`a code is redeemed twice: ${twice.status}`);
  if (isKnown && (await introspect(server, tokens.accessToken)).body['active'] !== false) {
    wrong.push('a code came twice, and its token is still good');
  }
  return wrong;
}
