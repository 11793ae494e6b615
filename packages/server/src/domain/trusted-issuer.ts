/** Somebody else's issuer of JWTs whose word counts here, as far as its rules say (RFC 7523 §2.1). */
export interface TrustedIssuer {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** The `iss` of its JWTs, character by character; unique in the deployment. */
  readonly issuer: string;
  readonly kind: TrustedIssuerKind;
  readonly status: 'active' | 'disabled';
  /** Its public keys: in place or by URL. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  readonly jwksUri?: string;
  /** What `aud` has to be, one of these; absent: the token endpoint for a workload. An identity provider names the issuer. */
  readonly audiences?: readonly string[];
  /** The longest life of a JWT, in seconds. */
  readonly maxLifetimeSeconds: number;
  /** What a JWT may become; the first rule that fits decides, and without one that fits there is nothing. */
  readonly rules: readonly AssertionRule[];
  /** An identity provider: whose addresses it may speak for when a person is linked by email; absent: nobody's. */
  readonly emailDomains?: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `workload`: its JWTs stand for programs. `identity_provider`: they stand for people (ID-JAG). */
export type TrustedIssuerKind = 'workload' | 'identity_provider';

export const TRUSTED_ISSUER_KINDS: readonly TrustedIssuerKind[] = ['workload', 'identity_provider'];

export interface AssertionRule {
  /** Claims that the JWT must have, each with its exact value or with `*` for any characters. */
  readonly claims: Readonly<Record<string, string>>;
  /** A workload acts as this client; a person's token goes to this client alone. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Identifiers of the APIs that tokens may be for. */
  readonly resources: readonly string[];
}
