/** How a renewed Common Access Token gets to the caller. @spec CTA-5007-B §4.9.2; RFC 9111 §5.2.2.5 */
import type { AccessToken } from '@tessera/verifier';
import { HOP_BY_HOP } from '../headers/forbidden-headers.ts';
import type { HeaderList } from '../headers/request-headers.ts';

/** @returns headers for the answer; undefined where there is nothing to hand over, or it takes a redirection */
export function headersHandedOver({ renewal }: AccessToken): HeaderList | undefined {
  if (renewal === undefined || renewal.type === 'redirect') return undefined;
  const { setCookie, header } = renewal;
  // How the answer ends is for who sends it to say, whatever a token calls its header.
  if (header !== undefined && isFraming(header.name.toLowerCase())) return undefined;
  return [
    ...(setCookie === undefined ? [] : ['set-cookie', setCookie]),
    ...(header === undefined ? [] : [header.name.toLowerCase(), header.value]),
    // Out of a shared cache it would be somebody else's.
    'cache-control',
    'no-store',
  ];
}

function isFraming(name: string): boolean {
  return HOP_BY_HOP.has(name) || name === 'content-length' || name === 'content-encoding';
}

/** @returns an answer that sends the caller to the same place with the renewed token */
export function redirection({
  renewal,
}: AccessToken): { readonly status: number; readonly headers: Record<string, string> } | undefined {
  const { status, location } = renewal ?? {};
  if (status === undefined || location === undefined) return undefined;
  return { status, headers: { location, 'cache-control': 'no-store', 'content-length': '0' } };
}

/** Of an answer's own headers, what says the same as ours gives way; each cookie is one of its own. */
export function withHandedOver(answer: HeaderList, handed: HeaderList): HeaderList {
  const replaced = new Set(handed.filter((name, index) => index % 2 === 0 && name !== 'set-cookie'));
  const kept = answer.filter((_, index) => !replaced.has((answer[index - (index % 2)] ?? '').toLowerCase()));
  return [...kept, ...handed];
}
