/** Cryptographically strong random bytes. An argument everywhere, so that tests can repeat it. */
export type { Random } from '@tessera/tokens';
