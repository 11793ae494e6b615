/**
 * The keys of trusted issuers: in place or by URL, looked up and remembered as those of clients are.
 * @spec RFC 7517 §5, OpenID Connect Core §10.1.1
 */
import type { VerificationKey } from '@tessera/tokens';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';

type Found = VerificationKey | undefined;

export interface IssuerKeys {
  /** The one key that fits; at once where the keys are at hand. @param at milliseconds */
  find(trusted: TrustedIssuer, kid: string | undefined, alg: string, at: number): Found | Promise<Found>;
}

export function createIssuerKeys(keys: Pick<ClientKeys, 'find'>): IssuerKeys {
  return {
    find({ jwks, jwksUri }, kid, alg, at) {
      const metadata = {
        ...(jwks === undefined ? {} : { jwks }),
        ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
      };
      return keys.find({ metadata }, kid, alg, at);
    },
  };
}
