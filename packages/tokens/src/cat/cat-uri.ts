/**
 * URIs as claims see them: one spelling for all that are the same, taken apart into the components that `catu` names.
 * @spec CTA-5007-B §4.6.10; RFC 3986 §6.2.2, §6.2.3; RFC 9110 §4.2.3
 */

/** Of one URI. None of them holds the mark that sets it apart, but for the dot of an extension. */
export interface CatUri {
  readonly scheme: string;
  readonly host: string;
  /** Empty for the scheme's own port. */
  readonly port: string;
  readonly path: string;
  /** Without the question mark; empty where there is none. */
  readonly query: string;
}

/** URIs are ASCII without spaces; the parser below would forgive a backslash and a line break. */
const URI = /^(?:https?|wss?):\/\/[\x21\x23-\x5b\x5d-\x7e]+$/i;
const PERCENT_ENCODED = /%[0-9a-f]{2}/gi;
const BROKEN_PERCENT = /%(?![0-9a-f]{2})/i;
const UNRESERVED = /^[\w.~-]$/;

/** @returns undefined for what is not an absolute http or WebSocket URI, names a user, or is not well-formed */
export function readCatUri(uri: string): CatUri | undefined {
  if (!URI.test(uri)) return undefined;
  const fragment = uri.indexOf('#');
  const whole = normalizeEncoding(fragment === -1 ? uri : uri.slice(0, fragment));
  if (whole === undefined || !URL.canParse(whole)) return undefined;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(whole);
  if (username !== '' || password !== '') return undefined;
  return { scheme: protocol.slice(0, -1), host: hostname, port, path: pathname, query: search.slice(1) };
}

/** @returns the URI in the one spelling that all equal ones share; undefined where there is none */
export function normalizeCatUri(uri: string): string | undefined {
  const read = readCatUri(uri);
  if (read === undefined) return undefined;
  const { scheme, host, port, path, query } = read;
  return `${scheme}://${host}${port === '' ? '' : `:${port}`}${path}${query === '' ? '' : `?${query}`}`;
}

/** Before the parser takes out the dot segments: an encoded dot is a dot. */
function normalizeEncoding(uri: string): string | undefined {
  if (!uri.includes('%')) return uri;
  if (BROKEN_PERCENT.test(uri)) return undefined;
  return uri.replace(PERCENT_ENCODED, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}

/** What follows the last slash of the path; empty where nothing does. */
export function filenameOf({ path }: CatUri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path up to the last slash, without it: `/a/b` for `/a/b/c.m3u8`, and nothing for `/c.m3u8`. */
export function parentPathOf({ path }: CatUri): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/**
 * The name of the file without its extension. Of a name with several dots there are two readings in the field, and
 * whoever issued the token meant one of them.
 */
export function stemsOf(uri: CatUri): readonly string[] {
  const filename = filenameOf(uri);
  return distinct(cutsOf(filename).map((at) => filename.slice(0, at)));
}

/** The dot and what follows it, read as `stemsOf` says; empty without a dot. */
export function extensionsOf(uri: CatUri): readonly string[] {
  const filename = filenameOf(uri);
  return distinct(cutsOf(filename).map((at) => filename.slice(at)));
}

function cutsOf(filename: string): readonly [number, number] {
  const last = filename.lastIndexOf('.');
  return last === -1 ? [filename.length, filename.length] : [filename.indexOf('.'), last];
}

function distinct([first, last]: readonly string[]): readonly string[] {
  return first === undefined ? [] : last === undefined || first === last ? [first] : [first, last];
}
