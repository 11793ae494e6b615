/**
 * Other spellings of the same API. Clients that take an identifier apart and put it together again write scheme and host
 * in small letters, leave out a port that says nothing, and end an empty path with a slash. Nothing else is equal.
 * @spec RFC 3986 §6.2.2.1, §6.2.3; MCP Authorization, Canonical Server URI; RFC 8707 §2
 */

/** Scheme, host, port, and the rest verbatim. No user information, no backslash, no fragment. */
const HTTP_URL = /^(https?):\/\/([^/?#@:\\[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?([/?][^#]*)?$/i;
const PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** @returns the spellings an identifier may be registered under, besides the one given; none for what is no http URL */
export function otherSpellings(identifier: string): readonly string[] {
  const [, givenScheme, host, port, rest = ''] = HTTP_URL.exec(identifier) ?? [];
  if (givenScheme === undefined || host === undefined) return [];
  const scheme = givenScheme.toLowerCase();
  const authority = host.toLowerCase() + (port === undefined || port === PORTS[scheme] ? '' : `:${port}`);
  const base = `${scheme}://${authority}`;
  const spellings = rest === '' || rest === '/' ? [base, `${base}/`] : [base + rest];
  return spellings.filter((spelling) => spelling !== identifier);
}
