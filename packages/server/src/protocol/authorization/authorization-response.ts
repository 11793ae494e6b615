/**
 * The answer to an authorization request, as the URL the browser is sent to; always with `iss`.
 * @spec RFC 6749 §4.1.2, RFC 9207 §2
 */
import type { OAuthErrorCode } from '../oauth-error.ts';
import type { RedirectTarget } from './authorization-request.ts';

export function codeResponse(issuer: string, to: RedirectTarget, code: string): string {
  return respond(to, { code, ...stateOf(to), iss: issuer });
}

export function errorResponse(
  issuer: string,
  to: RedirectTarget,
  error: OAuthErrorCode,
  description: string,
): string {
  return respond(to, { error, error_description: description, ...stateOf(to), iss: issuer });
}

function stateOf({ state }: RedirectTarget): { readonly state?: string } {
  return state === undefined ? {} : { state };
}

/**
 * Appends to a registered query rather than replacing it (RFC 6749 §3.1.2). The empty fragment keeps a browser from
 * carrying the fragment of whatever link led here on to the app (RFC 9110 §10.2.2).
 */
function respond({ redirectUri }: RedirectTarget, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}#`;
}
