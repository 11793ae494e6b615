/**
 * What is known of who called, for claims that ask about it. Of what proxies in front say, only as much counts as trusted
 * ones vouch for.
 * @spec CTA-5007-B §4.6.9, §4.6.12; RFC 7239 §5.2, §7.4 (of X-Forwarded-For)
 */
import { isIP } from 'node:net';
import type { ClientFacts } from '@tessera/verifier';
import type { Caller } from '../headers/caller.ts';

/** @param socket of the connection that the request came over */
export type ReadClient = (caller: Caller, socket: object) => ClientFacts;

export function createClientReader(isTrusted: (address: string | undefined) => boolean): ReadClient {
  return ({ forwardedFor, peer }, socket) => {
    if (!isTrusted(peer)) {
      const alpn = 'alpnProtocol' in socket ? socket.alpnProtocol : undefined;
      return { ...factOf(peer), ...(typeof alpn === 'string' ? { alpn } : {}) };
    }
    // From the right: each was added by who stands after it, and is worth as much as that one.
    const hops = forwardedFor.split(',').map((hop) => withoutPort(hop.trim()));
    return factOf(hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? '');
  };
}

function factOf(address: string): ClientFacts {
  return isIP(address) === 0 ? {} : { ip: address };
}

function withoutPort(hop: string): string {
  const [, v6, v4] = /^(?:\[([0-9a-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/i.exec(hop) ?? [];
  return v6 ?? v4 ?? hop;
}
