/**
 * What is kept of a redirect URI that was refused, so that the owner of the app sees in which character it differs.
 * It is whatever somebody sent: no value that could be a secret is kept.
 * @spec RFC 9700 §4.1.3
 */

const LONGEST = 512;
/** Printable ASCII that a URI may hold. */
const URI_CHARACTERS = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;
/** Where answers can go at all: the web, or an app by a scheme that is a domain name backwards. */
const BEGINNING = /^(?:https?:\/\/|[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:\/)/i;
/** Our own tokens, and JWTs, wherever they stand. */
const TOKEN = /tsr_|eyJ/;
/** As long as a secret of anybody's is: a host or a path that a person chose has shorter words. */
const LIKE_A_SECRET = /[\w-]{32}/;
const PARAMETER_NAME = /^[\w.-]{1,32}$/;

/**
 * @param requested as it was sent
 * @returns it without the values of its query and without its fragment; undefined when nothing of it may be kept
 */
export function keptOfRedirectUri(requested: string): string | undefined {
  if (!URI_CHARACTERS.test(requested) || !BEGINNING.test(requested) || !URL.canParse(requested))
    return undefined;
  const { username, password } = new URL(requested);
  if (username !== '' || password !== '') return undefined;
  const [beforeFragment, fragment] = split(requested, '#');
  const [base, query] = split(beforeFragment, '?');
  const kept = `${base}${query === undefined ? '' : `?${namesOf(query)}`}${fragment === undefined ? '' : '#'}`;
  return kept.length > LONGEST || TOKEN.test(kept) || LIKE_A_SECRET.test(kept) ? undefined : kept;
}

/** Its parameters, without what they were set to; what is not a plain name goes, too. */
function namesOf(query: string): string {
  const names = query.split('&').map((parameter) => split(parameter, '='));
  return names
    .filter(([name, value]) => value !== undefined && PARAMETER_NAME.test(name))
    .map(([name]) => `${name}=`)
    .join('&');
}

function split(text: string, at: string): readonly [string, string?] {
  const index = text.indexOf(at);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
