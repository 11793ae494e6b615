/** Which URL was called: what DPoP proofs are made for, and what Common Access Tokens ask about. @spec RFC 9449 §4.3 */
import { isHeaders } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';

/**
 * @param publicUrl where callers reach this API, if the request does not tell: what stands in front of the path, or a
 * function that gives the whole URL
 * @throws TypeError when it could never work
 */
export function createUrlReader(
  publicUrl: string | ((request: PresentedRequest) => string) | undefined,
): (request: PresentedRequest) => string {
  if (typeof publicUrl === 'function') return publicUrl;
  const base = publicUrl?.replace(/\/$/, '');
  if (base === undefined) return calledUrl;
  if (!(/^https?:/.test(base) && URL.canParse(base) && !/[?#]/.test(base))) {
    throw new TypeError('dpop.publicUrl must be an http or https URL without query and fragment');
  }
  return (request) => base + pathOf(request.url ?? '');
}

/** The URL as the request itself tells it: right where no proxy stands in front. */
function calledUrl({ url = '', origin, headers, socket }: PresentedRequest): string {
  if (/^https?:/i.test(url)) return url;
  if (origin !== undefined) return checkedOrigin(origin()) + pathOf(url);
  const host = isHeaders(headers) ? headers.get('host') : (headers['host'] ?? headers[':authority']);
  const isEncrypted = socket !== undefined && 'encrypted' in socket && socket.encrypted === true;
  return checkedOrigin(`${isEncrypted ? 'https' : 'http'}://${String(host)}`) + pathOf(url);
}

/** A host that held a slash would put another path before the one that was called. */
function checkedOrigin(origin: string): string {
  return ORIGIN.test(origin) ? origin : '';
}

const ORIGIN = /^https?:\/\/[\w.:[\]-]+$/i;

/** Path and query of a URL or of a request target. */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url;
  if (!URL.canParse(url)) return '';
  const { pathname, search } = new URL(url);
  return pathname + search;
}
