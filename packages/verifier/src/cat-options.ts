/** What an API says about the Common Access Tokens it takes. */
import type { CarrierRules, CatClaim, ClaimMemory, CompositeLabels } from '@tessera/tokens/cat';
import type { ClientFacts, PresentedRequest } from './bearer.ts';

export interface CatOptions {
  /** Where tokens may be besides the Authorization header. Without this, nowhere. */
  readonly carriers?: CarrierRules;
  /** What is known of a client; the request's `client`, and what its socket tells, unless given. */
  readonly client?: (request: PresentedRequest) => ClientFacts;
  /** Memories that claims need: used tokens for `catreplay`, blocked ones for `catpor`. Without them both are refused. */
  readonly memory?: Pick<ClaimMemory, 'replays' | 'isReuseAllowed' | 'blocks' | 'draw'>;
  /** Takes tokens without `aud`: those of issuers that know no other recipient. */
  readonly audienceOptional?: boolean;
  /** Takes tokens with claims that are not known; `reject` unless given. */
  readonly unknownClaims?: 'reject' | 'ignore';
  readonly compositeLabels?: CompositeLabels;
  /** Claims beyond those of CTA-5007. */
  readonly extensions?: readonly CatClaim[];
  /** Under which labels tokens of Tessera say their scope and client; `scope` and `client_id` unless given. */
  readonly labels?: { readonly scope?: string; readonly clientId?: string };
  /** Renews tokens that ask for it. The issuer's server does not know such a token, so it cannot be revoked there. */
  readonly renewal?: CatRenewalOptions;
}

export interface CatRenewalOptions {
  /** The issuer of renewed tokens; that of the old one unless given. */
  readonly issuer?: string;
  /** Signs them, where it is not the symmetric key of the old one: a private JWK of ES256 or PS256 with its `kid`. */
  readonly signingKey?: object;
}
