import { timingSafeEqual } from 'node:crypto';

/**
 * The first 48 bits of a token's hash: what an index over tokens holds. A number is several times cheaper to keep in
 * order than 32 random bytes; the few rows that share it are told apart by the whole hash.
 */
export function lookupOf(hash: Uint8Array): number {
  let lookup = 0;
  for (let index = 0; index < 6; index += 1) lookup = lookup * 256 + (hash[index] ?? 0);
  return lookup;
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
