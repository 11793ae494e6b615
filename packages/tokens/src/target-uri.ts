/**
 * Whether two spellings of an http address mean the same one, their query and fragment aside.
 * @spec RFC 9449 §4.3; RFC 3986 §6.2.2, §6.2.3
 */

/** URIs are ASCII without spaces; the parser below would forgive a backslash and a line break. */
const URI = /^https?:[\x21\x23-\x5b\x5d-\x7e]+$/i;
const PERCENT_ENCODED = /%[0-9a-f]{2}/gi;
const UNRESERVED = /^[\w.~-]$/;

/**
 * @returns scheme, host and path in the one spelling that all equal ones share: lower case, without the default port
 * and without dot segments. Undefined for whatever is not an http or https URI, or names a user.
 */
export function normalizeTargetUri(uri: string): string | undefined {
  if (!URI.test(uri) || !URL.canParse(uri)) return undefined;
  const { origin, pathname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return undefined;
  return origin + (pathname.includes('%') ? pathname.replace(PERCENT_ENCODED, normalizeEncoded) : pathname);
}

/** Whether both are http addresses that differ in nothing but spelling, query and fragment. */
export function isSameTargetUri(one: string, other: string): boolean {
  if (one === other && URI.test(one) && !/[?#@]/.test(one)) return true;
  const normalized = normalizeTargetUri(one);
  return normalized !== undefined && normalized === normalizeTargetUri(other);
}

function normalizeEncoded(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}
