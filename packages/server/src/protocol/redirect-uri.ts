/**
 * Redirect URIs: what may be registered, and when a requested one is a registered one.
 * @spec RFC 9700 §2.1 and §4.1.3, RFC 8252 §7 and §8.3, OAuth 2.1 §2.3
 */

const RESPONSE_PARAMETERS = ['code', 'state', 'iss', 'error', 'error_description', 'error_uri'];
/** Printable ASCII without space, quotes, angle brackets, backslash, caret, backtick, braces, bar. */
const URI_CHARACTERS = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
/** `http`, a loopback literal or localhost, then a port or none, then the rest. */
const LOOPBACK_URI = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?([/?].*)?$/;

/**
 * Why a redirect URI may not be registered, or undefined if it may.
 * @param applicationType `native` apps may also use private-use schemes and `localhost` (RFC 8252 §7.1, §8.3)
 */
export function validateRegisteredRedirectUri(
  uri: string,
  applicationType: 'web' | 'native',
): string | undefined {
  if (uri.length > 2048) return 'it is longer than 2048 characters';
  if (!URI_CHARACTERS.test(uri)) return 'it holds characters that a URI may not hold; percent-encode them';
  if (uri.includes('#')) return 'it has a fragment';
  if (uri.includes('*')) return 'it has a wildcard; register each URI in full';
  if (!URL.canParse(uri)) return 'it is not an absolute URI';
  const url = new URL(uri);
  if (url.username !== '' || url.password !== '') return 'it has user information';
  const clash = RESPONSE_PARAMETERS.find((name) => url.searchParams.has(name));
  if (clash !== undefined) return `its query has ${clash}, which the answer itself carries`;
  return validateScheme(uri, url, applicationType);
}

function validateScheme(uri: string, url: URL, applicationType: 'web' | 'native'): string | undefined {
  if (url.protocol === 'https:') {
    const spelled = uri.slice('https://'.length).split(/[/?]/, 1)[0];
    return uri.startsWith('https://') && spelled === url.host
      ? undefined
      : 'its host is not in its normal form';
  }
  if (url.protocol === 'http:') {
    if (!LOOPBACK_URI.test(uri)) return 'http is only for http://127.0.0.1 and http://[::1]; use https';
    if (url.hostname === 'localhost' && applicationType !== 'native') {
      return 'localhost may resolve elsewhere; use http://127.0.0.1 or http://[::1]';
    }
    return undefined;
  }
  if (!PRIVATE_USE_SCHEME.test(url.protocol)) {
    return 'its scheme is none of https, http on loopback, or a reverse domain name such as com.example.app:';
  }
  return applicationType === 'native' ? undefined : 'a private-use scheme is for native apps only';
}

/**
 * Whether a requested URI is the registered one: equal character by character, save that a loopback URI registered
 * without a port takes any port (RFC 8252 §7.3).
 */
export function matchRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true;
  const from = LOOPBACK_URI.exec(registered);
  if (from === null || from[2] !== undefined) return false;
  const to = LOOPBACK_URI.exec(requested);
  if (to === null || to[2] === undefined) return false;
  const port = Number(to[2]);
  return from[1] === to[1] && (from[3] ?? '') === (to[3] ?? '') && port >= 1 && port <= 65_535;
}
