import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '@tessera/tokens';

/** Cryptographically strong random bytes. An argument everywhere, so that tests can repeat it. */
export type { Random };

const POOL_SIZE = 8192;

/**
 * Strong random bytes from the system, drawn in bulk: one call for many tokens costs little more than one for a single
 * token. Each byte is handed out once, as a copy, and wiped from the pool.
 */
export function createPooledRandom(): Random {
  const pool = new Uint8Array(POOL_SIZE);
  let position = POOL_SIZE;
  return (size) => {
    if (size > POOL_SIZE) return randomBytes(size);
    if (position + size > POOL_SIZE) {
      randomFillSync(pool);
      position = 0;
    }
    const end = position + size;
    const bytes = pool.slice(position, end);
    pool.fill(0, position, end);
    position = end;
    return bytes;
  };
}
