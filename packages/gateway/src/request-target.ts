/**
 * The request target in one spelling. What is decided about and what is forwarded is this very text; a target that two
 * readers could take for two different paths is refused.
 * @spec RFC 3986 §3.3, §6.2.2; RFC 9110 §7.1; RFC 9112 §3.2
 */

export interface RequestTarget {
  /** Begins with a slash; unreserved characters are not escaped, other escapes are in upper case. */
  readonly path: string;
  /** With its question mark, as it came; empty if there is none. */
  readonly query: string;
}

const PLAIN = /^\/[\w.\-~!$&'()*+,=:@/]*$/;
const WITH_ESCAPES = /^\/(?:[\w.\-~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
/** Empty segments and dot segments: what lies below them depends on who resolves them. */
const UNRESOLVED = /\/(?:\/|\.{1,2}(?:\/|$))/;
const QUERY = /^[\x21\x24-\x7e]*$/;
const UNRESERVED = /[\w.~-]/;
/** Escaped once more: harmless for who decodes once, a slash, dot, backslash or NUL for who decodes twice. */
const ESCAPED_TWICE = /%25(?:25|2e|2f|5c|3b|00)/i;

/** @returns undefined for a target that is refused */
export function readRequestTarget(target: string): RequestTarget | undefined {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question);
  if (query !== '' && !QUERY.test(query)) return undefined;
  if (PLAIN.test(path)) return UNRESOLVED.test(path) ? undefined : { path, query };
  const normal = normalPath(path);
  return normal === undefined ? undefined : { path: normal, query };
}

function normalPath(path: string): string | undefined {
  // Not among the characters: the semicolon, which some servers cut segments at.
  if (!WITH_ESCAPES.test(path) || ESCAPED_TWICE.test(path) || !isText(path)) return undefined;
  let ambiguous = false;
  const normal = path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const code = Number.parseInt(escape.slice(1), 16);
    // Slash, backslash, semicolon, NUL and other controls never come in disguise.
    ambiguous ||= code < 0x20 || code === 0x7f || code === 0x2f || code === 0x5c || code === 0x3b;
    const character = String.fromCodePoint(code);
    return code < 0x80 && UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
  return ambiguous || UNRESOLVED.test(normal) ? undefined : normal;
}

/** Overlong and broken UTF-8 are other paths to other readers. */
function isText(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
