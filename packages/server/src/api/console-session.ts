/**
 * The session of the console at the APIs: the cookie of the pages, taken only from a page of this server. A header
 * that no form can send, the page's origin, and what the browser itself says of the request have to agree.
 *
 * @spec RFC 6265bis §8.8.1, Fetch Metadata §2.1 (Sec-Fetch-Site), RFC 6454 §7
 */
import type { FastifyRequest } from 'fastify';
import type { Session } from '../domain/session.ts';
import type { Browser } from '../http/browser.ts';
import { findSession } from '../people/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sessions } from '../ports/sessions.ts';
import { Problem } from './problem.ts';

export interface ConsoleSessions {
  readonly browser: Pick<Browser, 'sessionCookie'>;
  readonly sessions: Pick<Sessions, 'find'>;
  readonly clock: Clock;
  /** Everybody needs a second factor here. */
  readonly secondFactorRequired: boolean;
}

/** The console sends it with each call; another site would have to ask first, and is never answered. */
const CONSOLE_HEADER = 'tessera-console';

/** Its value where the console asks by itself, because nobody has touched it for a while. */
const UNATTENDED = 'unattended';

/** Whether a request is to be judged by its session. One with a token is not: that says more exactly who may what. */
export function isFromConsole({ headers }: FastifyRequest): boolean {
  return headers[CONSOLE_HEADER] !== undefined && headers.authorization === undefined;
}

/** @throws Problem cross_site, not_signed_in; StoreUnavailable */
export async function sessionOfConsole(
  request: FastifyRequest,
  issuer: string,
  { browser, ...lookup }: ConsoleSessions,
): Promise<Session> {
  if (!isOfOwnPage(request, new URL(issuer).origin)) {
    throw new Problem('cross_site', 'This request does not come from a page of this server');
  }
  const unattended = request.headers[CONSOLE_HEADER] === UNATTENDED;
  const session = await findSession(browser.sessionCookie(request), lookup, unattended);
  if (session === undefined) throw new Problem('not_signed_in', 'Sign in, then try again');
  return session;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Browsers name no origin when a page reads from its own; then they have to say that it is its own. */
function isOfOwnPage({ method, headers }: FastifyRequest, ownOrigin: string): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && origin !== ownOrigin) return false;
  if (site !== undefined && site !== 'same-origin') return false;
  return READS.has(method) ? (origin ?? site) !== undefined : origin !== undefined;
}
