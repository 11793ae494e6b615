/** Where a URL leads: read once, resolved once, and then held to those addresses. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { OutboundRefusal } from '../ports/outbound.ts';
import { isPublicAddress } from './public-address.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export type Resolve = (host: string) => Promise<readonly Address[]>;

export const resolveName: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

export interface Destination {
  readonly url: URL;
  /** The operator named it: private addresses and http are open, and its traffic is not counted. */
  readonly allowed: boolean;
}

/**
 * @param allowHosts names from the settings, each with or without a port
 * @throws OutboundRefusal
 */
export function readDestination(text: string, allowHosts: ReadonlySet<string>): Destination {
  if (!URL.canParse(text)) throw new OutboundRefusal('url');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw new OutboundRefusal('url');
  const allowed = allowHosts.has(url.hostname) || allowHosts.has(url.host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed)) throw new OutboundRefusal('url');
  return { url, allowed };
}

/**
 * The addresses to connect to, and no others. One that is not public spoils them all: a name that answers with both
 * kinds is trying something.
 *
 * @throws OutboundRefusal
 */
export async function findAddresses(
  { url, allowed }: Destination,
  resolve: Resolve,
): Promise<readonly Address[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses = family === 0 ? await resolveOrRefuse(host, resolve) : [{ address: host, family }];
  if (!allowed && !addresses.every(({ address }) => isPublicAddress(address))) {
    throw new OutboundRefusal('address');
  }
  return addresses;
}

async function resolveOrRefuse(host: string, resolve: Resolve): Promise<readonly Address[]> {
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length === 0) throw new OutboundRefusal('unreachable');
  return addresses;
}
