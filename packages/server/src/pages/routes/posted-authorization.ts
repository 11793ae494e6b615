/**
 * `POST /authorize`: a form of an app, and so of another site. Browsers keep our cookies back from it, whoever is signed
 * in; a redirect to the same request as a URL brings them along.
 * @spec OpenID Connect Core §3.1.2.1 (GET and POST), RFC 6265bis §5.2 (SameSite)
 */
import type { FastifyRequest } from 'fastify';
import type { Browser } from '../../http/browser.ts';
import { REQUEST_PARAMETERS } from '../../protocol/authorization/read-request.ts';

const KNOWN: ReadonlySet<string> = new Set([...REQUEST_PARAMETERS, 'request', 'request_uri']);
/** With the rest of a request line below 8192 bytes, which proxies take by default. */
const LONGEST_QUERY = 6000;

/** @returns undefined where cookies came, and for what cannot travel in a URL: the form is answered as it is */
export function askedAgainByUrl(
  request: FastifyRequest,
  browser: Pick<Browser, 'sessionCookie' | 'id'>,
): string | undefined {
  if (browser.sessionCookie(request) !== undefined || browser.id(request) !== undefined) return undefined;
  const { body } = request;
  const fields = Object.entries(typeof body === 'object' && body !== null ? body : {});
  const query = new URLSearchParams();
  for (const [name, value] of fields) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const isPlain = fields.every(([name]) => KNOWN.has(name));
  const text = query.toString();
  return isPlain && text !== '' && text.length <= LONGEST_QUERY ? `/authorize?${text}` : undefined;
}
