/**
 * The ID token: tells the client who signed in, when and how.
 * @spec OpenID Connect Core §2 and §3.1.3.6
 */
import { type IdTokenClaims, leftHalfHash } from '@tessera/tokens';
import type { Grant } from '../domain/grant.ts';
import type { KeyRing } from './key-ring.ts';

/** Its life is that of one answer; clients check it once, on receipt. */
const ID_TOKEN_LIFETIME_SECONDS = 3600;

export interface IdTokenIssuance {
  readonly clientId: string;
  readonly grant: Grant;
  readonly accessToken: string;
  readonly nonce: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export type IdTokenIssuer = (issuance: IdTokenIssuance) => string;

/** Signs with RS256, the algorithm every OpenID Connect client understands (Core §15.1). */
export function createIdTokenIssuer(issuer: string, keyRing: KeyRing): IdTokenIssuer {
  return ({ clientId, grant, accessToken, nonce, at }) => {
    const iat = Math.floor(at / 1000);
    const claims: IdTokenClaims = {
      iss: issuer,
      sub: grant.userId,
      aud: clientId,
      exp: iat + ID_TOKEN_LIFETIME_SECONDS,
      iat,
      auth_time: Math.floor(grant.authTime / 1000),
      amr: [...grant.amr],
      at_hash: leftHalfHash(accessToken, 'RS256'),
      ...(nonce === undefined ? {} : { nonce }),
    };
    return keyRing.sign('RS256', 'JWT', claims);
  };
}
