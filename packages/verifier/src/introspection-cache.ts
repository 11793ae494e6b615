/**
 * Remembers good introspection answers for a few seconds, where the API allows it. Expiry beats it, and so does
 * every revocation that the verifier is told of.
 * @spec RFC 7662 §4
 */
import { hashTokenString } from '@tessera/tokens';
import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';

export interface IntrospectionCache {
  /** A remembered answer that is neither too old nor of an expired token. */
  get(token: string): AccessToken | undefined;
  /** @param asOf what `now()` gave before the issuer was asked; a later `forget` makes the answer too old to keep */
  put(token: string, answer: AccessToken, asOf: number): void;
  /** A counter that every `forget` moves. */
  now(): number;
  /** @param tokenHash SHA-256 of the token string */
  forget(tokenHash: Uint8Array): void;
}

const MAXIMUM_ENTRIES = 10_000;

export function createIntrospectionCache(lifetimeSeconds: number, clock: Clock): IntrospectionCache {
  const entries = new Map<string, { readonly answer: AccessToken; readonly until: number }>();
  let forgotten = 0;
  return {
    get(token) {
      const key = keyOf(hashTokenString(token));
      const entry = entries.get(key);
      if (entry === undefined || clock() < entry.until) return entry?.answer;
      entries.delete(key);
      return undefined;
    },
    put(token, answer, asOf) {
      if (asOf !== forgotten) return;
      const until = Math.min(clock() + lifetimeSeconds * 1000, answer.exp * 1000);
      const key = keyOf(hashTokenString(token));
      entries.delete(key);
      entries.set(key, { answer: Object.freeze(answer), until });
      // A Map keeps the order of insertion: the first is the oldest.
      if (entries.size > MAXIMUM_ENTRIES) entries.delete(entries.keys().next().value ?? '');
    },
    now: () => forgotten,
    forget(tokenHash) {
      forgotten++;
      entries.delete(keyOf(tokenHash));
    },
  };
}

function keyOf(tokenHash: Uint8Array): string {
  return Buffer.from(tokenHash).toString('base64');
}
