/**
 * Client certificates as bytes: the thumbprint that a token is bound to, and the header in which a proxy passes them on.
 * @spec RFC 8705 §3.1; RFC 9440 §2.1, §2.2; RFC 8941 §3.3.5
 */
import { hash } from 'node:crypto';

/** No certificate of a client is larger. */
const MAXIMUM_LENGTH = 16 * 1024;
const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/;

/** @param der the certificate @returns `x5t#S256`: base64url of its SHA-256 */
export function certificateThumbprint(der: Uint8Array): string {
  return hash('sha256', der, 'base64url');
}

/**
 * @param value of the `Client-Cert` header
 * @returns the certificate in DER; undefined for anything but one byte sequence, such as a list, PEM or parameters
 */
export function parseClientCertHeader(value: string): Uint8Array | undefined {
  if (value.length > MAXIMUM_LENGTH) return undefined;
  const base64 = BYTE_SEQUENCE.exec(value)?.[1];
  if (base64 === undefined) return undefined;
  const der = Buffer.from(base64, 'base64');
  return der.toString('base64') === base64 ? der : undefined;
}
