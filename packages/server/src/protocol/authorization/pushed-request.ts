/**
 * The `request_uri` of a pushed request: a reference that one client may use until its request has been answered.
 * @spec RFC 9126 §2.2 and §4
 */
import { hashTokenString, parseTokenString } from '@tessera/tokens';
import type { PushedRequest } from '../../domain/pushed-request.ts';
import type { PushedRequests } from '../../ports/pushed-requests.ts';

const PREFIX = 'urn:ietf:params:oauth:request_uri:';

export function requestUriOf(token: string): string {
  return `${PREFIX}${token}`;
}

/** Whether it names a pushed request, rather than a place to fetch one from. */
export function isPushedRequestUri(requestUri: string): boolean {
  return requestUri.startsWith(PREFIX);
}

/** By which the request is remembered once it is answered. */
export function answeredId(hash: Uint8Array): string {
  return `pushed ${Buffer.from(hash).toString('base64url')}`;
}

/** The request, if it was pushed by this client, has not expired, and was not answered before. */
export async function findPushedRequest(
  requestUri: string,
  clientId: string,
  now: number,
  pushedRequests: PushedRequests,
): Promise<PushedRequest | undefined> {
  const token = requestUri.slice(PREFIX.length);
  if (!isPushedRequestUri(requestUri) || parseTokenString(token)?.kind !== 'ru') return undefined;
  const hash = hashTokenString(token);
  const found = await pushedRequests.find(hash, answeredId(hash), now);
  return found?.clientId === clientId ? found : undefined;
}
