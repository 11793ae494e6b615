/**
 * The answer to an authorization request, good or bad, in the way the client asked for; always with `iss`.
 * @spec RFC 6749 §4.1.2, RFC 9207 §2, OAuth 2.0 Form Post Response Mode §2, JARM §2
 */
import type { KeyRing } from '../key-ring.ts';
import type { OAuthErrorCode } from '../oauth-error.ts';
import type { RedirectTarget } from './authorization-request.ts';

/** What the browser is told to do. */
export type AuthorizationAnswer =
  | { readonly by: 'redirect'; readonly location: string }
  | { readonly by: 'form_post'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

export interface ResponseDependencies {
  readonly issuer: string;
  readonly keyRing: KeyRing;
}

/** A signed answer is as good as the code in it (JARM §2.1 allows up to ten minutes). */
const SIGNED_ANSWER_LIFETIME_SECONDS = 60;

/** @param at milliseconds */
export function codeResponse(
  to: RedirectTarget,
  code: string,
  at: number,
  dependencies: ResponseDependencies,
): Promise<AuthorizationAnswer> {
  return respond(to, { code }, at, dependencies);
}

/** @param at milliseconds */
export function errorResponse(
  to: RedirectTarget,
  error: { readonly code: OAuthErrorCode; readonly description: string },
  at: number,
  dependencies: ResponseDependencies,
): Promise<AuthorizationAnswer> {
  return respond(to, { error: error.code, error_description: error.description }, at, dependencies);
}

async function respond(
  to: RedirectTarget,
  outcome: Readonly<Record<string, string>>,
  at: number,
  { issuer, keyRing }: ResponseDependencies,
): Promise<AuthorizationAnswer> {
  const state = to.state === undefined ? {} : { state: to.state };
  const plain = { ...outcome, ...state, iss: issuer };
  const signed = to.responseMode?.endsWith('.jwt') === true;
  const fields = signed ? { response: await sign(plain, to, at, keyRing) } : plain;
  return to.responseMode?.startsWith('form_post') === true
    ? { by: 'form_post', action: to.redirectUri, fields }
    : { by: 'redirect', location: withQuery(to.redirectUri, fields) };
}

/** `iss` is a claim of the JWT, hence not beside it (RFC 9207 §2.4). */
function sign(
  answer: Readonly<Record<string, string>>,
  { clientId, responseSigningAlg = 'RS256' }: RedirectTarget,
  at: number,
  keyRing: KeyRing,
): Promise<string> {
  const exp = Math.floor(at / 1000) + SIGNED_ANSWER_LIFETIME_SECONDS;
  return keyRing.signElsewhere(responseSigningAlg, 'JWT', { aud: clientId, exp, ...answer });
}

/**
 * Appends to a registered query rather than replacing it (RFC 6749 §3.1.2). The empty fragment keeps a browser from
 * carrying the fragment of whatever link led here on to the app (RFC 9110 §10.2.2).
 */
function withQuery(redirectUri: string, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}#`;
}
