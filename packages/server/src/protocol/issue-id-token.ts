/**
 * The ID token: tells the client who signed in, when and how.
 * @spec OpenID Connect Core §2 and §3.1.3.6
 */
import { ID_TOKEN_TYP, type IdTokenClaims, leftHalfHash } from '@tessera/tokens';
import type { Client } from '../domain/client.ts';
import type { User } from '../domain/user.ts';
import type { Grant } from '../domain/grant.ts';
import { acrOf } from './acr.ts';
import { isAnswerSigningAlg } from './client-metadata/signed-answers.ts';
import type { KeyRing } from './key-ring.ts';
import { personClaims } from './person-claims.ts';
import { sessionIdentifierOf, type SubjectIdentifiers } from './subject-identifier.ts';

/** Its life is that of one answer; clients check it once, on receipt. */
const ID_TOKEN_LIFETIME_SECONDS = 3600;

export interface IdTokenIssuance {
  readonly client: Client;
  readonly grant: Grant;
  /** Whose claims the client asked for by name (Core §5.5); absent: none. */
  readonly person?: User | undefined;
  readonly accessToken: string;
  readonly nonce: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export type IdTokenIssuer = (issuance: IdTokenIssuance) => Promise<string>;

/** Signs on another thread, with RS256, which every OpenID Connect client understands (Core §15.1), unless the client registered another. */
export function createIdTokenIssuer(
  issuer: string,
  keyRing: KeyRing,
  subjectOf: SubjectIdentifiers,
): IdTokenIssuer {
  return ({ client, grant, person, accessToken, nonce, at }) => {
    const registered = client.metadata.id_token_signed_response_alg;
    const alg = isAnswerSigningAlg(registered) ? registered : 'RS256';
    const iat = Math.floor(at / 1000);
    const acr = acrOf(grant);
    const named =
      person === undefined ? {} : personClaims(person, [], Object.keys(grant.claims?.id_token ?? {}));
    const claims: IdTokenClaims = {
      ...named,
      iss: issuer,
      sub: subjectOf(grant.userId, client),
      aud: client.id,
      exp: iat + ID_TOKEN_LIFETIME_SECONDS,
      iat,
      auth_time: Math.floor(grant.authTime / 1000),
      amr: [...grant.amr],
      ...(acr === undefined ? {} : { acr }),
      at_hash: leftHalfHash(accessToken, alg),
      ...(grant.sessionId === undefined
        ? {}
        : { sid: sessionIdentifierOf(grant.sessionId, client, subjectOf) }),
      ...(nonce === undefined ? {} : { nonce }),
    };
    return keyRing.signElsewhere(alg, ID_TOKEN_TYP, claims);
  };
}
