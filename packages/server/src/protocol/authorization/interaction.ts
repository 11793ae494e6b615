/**
 * An authorization request on its way through the sign-in and consent pages: sealed, so that it cannot be changed,
 * and bound to the browser that started it. It leaves no row.
 * @spec RFC 9700 §4.7 and §4.11
 */
import { decodeBase64url, deriveKeys, open, type Random, seal, type SealingKey } from '@tessera/tokens';
import type { AuthorizationRequest } from './authorization-request.ts';

/** A person may take this long, in milliseconds. */
const INTERACTION_LIFETIME_MS = 60 * 60_000;

export interface Interactions {
  /** The sealed form, safe in a URL of our own pages. `browser` is the value of the browser's binding cookie. */
  seal(request: AuthorizationRequest, browser: string): string;
  /** The request, if it was sealed here, for this browser, and not too long ago. */
  open(sealed: string, browser: string | undefined, now: number): AuthorizationRequest | undefined;
}

/** @param masterKey what the sealing key is derived from */
export function createInteractions(masterKey: SealingKey, random: Random): Interactions {
  const key = deriveKeys(masterKey, 'interaction');
  return {
    seal(request, browser) {
      // Whatever a person decides about it counts once.
      const once = { ...request, id: request.id ?? Buffer.from(random(16)).toString('base64url') };
      return Buffer.from(seal(key, Buffer.from(JSON.stringify(once)), browser, random)).toString('base64url');
    },
    open(sealed, browser, now) {
      if (browser === undefined) return undefined;
      // In one spelling only: nothing that was changed is good.
      const box = decodeBase64url(sealed);
      const opened = box && open(key, box, browser);
      if (opened === undefined) return undefined;
      const request = JSON.parse(Buffer.from(opened).toString('utf8')) as AuthorizationRequest;
      return now - request.startedAt < INTERACTION_LIFETIME_MS ? request : undefined;
    },
  };
}
