/**
 * Which client ids are the URL of a metadata document.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §3
 */

/** So long that it still fits wherever a client id is named, in a path of the admin API for one. */
const MAX_LENGTH = 255;

/** Whether a client id wants to be a URL at all; no id that is registered here looks like one. */
export function looksLikeUrl(clientId: string): boolean {
  return clientId.startsWith('https://') || clientId.startsWith('http://');
}

/**
 * The URL of a metadata document, or undefined. It is its own normal form, so there are no dot segments, no default
 * port, no capitals in the host, nothing a person or a parser could read as another URL.
 * @param allowHosts hosts where http is open, for development
 */
export function parseClientIdUrl(clientId: string, allowHosts: ReadonlySet<string>): URL | undefined {
  if (clientId.length > MAX_LENGTH) return undefined;
  const url = URL.parse(clientId);
  if (url === null || url.href !== clientId) return undefined;
  const open = url.protocol === 'http:' && (allowHosts.has(url.hostname) || allowHosts.has(url.host));
  if (url.protocol !== 'https:' && !open) return undefined;
  if (url.username !== '' || url.password !== '' || clientId.includes('#') || url.pathname === '/') {
    return undefined;
  }
  return url;
}
