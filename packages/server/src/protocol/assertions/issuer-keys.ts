/**
 * The keys of trusted issuers.
 * @spec RFC 7517 §5
 */
import { importJwkSet, type VerificationKey } from '@tessera/tokens';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';

type Found = VerificationKey | undefined;

export interface IssuerKeys {
  /** The one key that fits; at once where the keys are at hand. @param at milliseconds */
  find(trusted: TrustedIssuer, kid: string | undefined, alg: string, at: number): Found | Promise<Found>;
}

export function createIssuerKeys(): IssuerKeys {
  return {
    find: ({ jwks }, kid, alg) => (jwks === undefined ? undefined : importJwkSet(jwks)?.find(kid, alg)),
  };
}
