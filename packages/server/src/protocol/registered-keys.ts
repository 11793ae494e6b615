/**
 * Keys that a client registered in place.
 * @spec RFC 7591 §2 (`jwks`), OpenID Connect Core §10.1
 */
import { importPublicJwk, type VerificationKey } from '@tessera/tokens';
import type { Client } from '../domain/client.ts';

type Found = VerificationKey | undefined;

/** Where the public keys of clients are found. */
export interface KeysOfClients {
  /** @param kid may be left out only where a single key fits the algorithm @param at milliseconds */
  find(client: Client, kid: string | undefined, alg: string, at: number): Found | Promise<Found>;
}

export const registeredKeys: KeysOfClients = {
  find({ metadata }, kid, alg) {
    const fitting = (metadata.jwks?.keys ?? []).flatMap((jwk) => {
      if (kid !== undefined && jwk['kid'] !== kid) return [];
      // A key that names no algorithm is good for every one of its kind.
      const key = importPublicJwk(jwk['alg'] === undefined ? { ...jwk, alg } : jwk);
      return key?.alg === alg ? [key] : [];
    });
    return fitting.length === 1 ? fitting[0] : undefined;
  },
};
