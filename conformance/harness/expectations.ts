// What the standards expect of an answer.
import type { Visit } from './browser.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from './failure.ts';
import { answerOf } from './flow.ts';
import { titleOf } from './html.ts';
import { type HttpResponse, jsonOf } from './http.ts';
import type { Client, Target } from './target.ts';

/** RFC 6749 §5.2: `error` of a JSON object, ASCII only, nothing cached. */
export function expectError(response: HttpResponse, errors: readonly string[], what = 'The answer'): void {
  const body = jsonOf(response);
  ensure(response.status >= 400 && response.status < 500, `${what}: status ${response.status}, not refused`);
  ensureOneOf(body['error'], errors, `${what}, error`);
  ensureMatch(response.headers.get('content-type'), /^application\/json\b/i, `${what}, Content-Type`);
  const description = body['error_description'];
  if (description !== undefined) {
    ensureMatch(description, /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/, `${what}, characters of error_description`);
  }
}

/** Refused, in whatever form. */
export function expectRefused(response: HttpResponse, what = 'The answer'): void {
  ensure(response.status >= 400 && response.status < 500, `${what}: status ${response.status}, not refused`);
  ensure(!response.headers.has('location'), `${what} redirects`);
}

/** For the person's eyes: a page, and no redirect to anybody. */
export function expectPage(visit: Visit, what = 'The answer'): void {
  ensure(visit.leftFor === undefined, `${what} is a redirect to ${visit.leftFor}`);
  expectRefused(visit, what);
  ensureMatch(visit.headers.get('content-type'), /^text\/html\b/i, `${what}, Content-Type`);
}

/** RFC 6749 §4.1.2.1: an error to the redirect URI, with the state; never a code. */
export function expectErrorRedirect(
  target: Target,
  visit: Visit,
  client: Client,
  errors: readonly string[],
  state: string | null = 'state-of-the-app',
): void {
  ensure(visit.leftFor !== undefined, `No redirect: ${visit.status} ${titleOf(visit.text)}`);
  ensure(visit.leftFor.startsWith(client.redirectUri), `The redirect goes to ${visit.leftFor}`);
  const answer = answerOf(target, visit);
  ensure(!answer.has('code'), 'The answer has a code');
  ensureOneOf(answer.get('error'), errors, 'error');
  if (state !== null) ensureEqual(answer.get('state'), state, 'state');
}

/** Refused on a page or by redirect, whichever the server chose; never a code, never a page that goes on. */
export function expectNoCode(
  target: Target,
  visit: Visit,
  errors: readonly string[],
  what = 'The authorization request',
): void {
  if (visit.leftFor === undefined) return expectPage(visit, what);
  const answer = answerOf(target, visit);
  ensure(!answer.has('code'), `${what} was answered with a code`);
  ensureOneOf(answer.get('error'), errors, `${what}, error`);
}

export function expectNoStore(response: HttpResponse, what: string): void {
  ensureMatch(response.headers.get('cache-control'), /\bno-store\b/i, `${what}, Cache-Control`);
}

/** The server went on to ask a person. */
export function expectQuestion(visit: Visit, what = 'The authorization request'): void {
  ensureEqual(visit.leftFor, undefined, `${what}: redirected`);
  ensureEqual(visit.status, 200, `${what}: status`);
}
