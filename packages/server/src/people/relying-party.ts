/** Whom passkeys are made for: the host of the issuer. @spec WebAuthn Level 3 §5.1.2 and §13.4.9 */
import { isIPv4 } from 'node:net';

export interface RelyingParty {
  /** The host, without the port: a passkey is good on every port of it. */
  readonly id: string;
  /** What a browser must have been on when it answered. */
  readonly origin: string;
  readonly name: string;
}

/** Undefined where browsers give no passkeys: at an address instead of a name, and without TLS anywhere but here. */
export function relyingParty(issuer: string): RelyingParty | undefined {
  const { hostname, origin, protocol } = new URL(issuer);
  if (isIPv4(hostname) || hostname.startsWith('[')) return undefined;
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  return protocol === 'https:' || isLocal ? { id: hostname, origin, name: 'Tessera' } : undefined;
}
