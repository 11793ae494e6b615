/** A chain of digests: each link is the SHA-256 over the one before it and the digest of its event. */
import { hash } from 'node:crypto';

/** What stands before the first link. */
export function beginningOf(chain: number): Uint8Array {
  return sha256(Buffer.from(`tessera audit chain ${chain}`));
}

export function nextLink(previous: Uint8Array, digest: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([previous, digest]));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
