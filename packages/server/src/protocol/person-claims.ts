/**
 * What is told of a person: the claims of the scopes that were granted.
 * @spec OpenID Connect Core §5.1 and §5.4
 */
import type { StandardClaims } from '../domain/standard-claims.ts';
import type { User } from '../domain/user.ts';

export interface PersonClaims extends StandardClaims {
  readonly name?: string;
  /** Seconds. */
  readonly updated_at?: number;
  readonly email?: string;
  readonly email_verified?: boolean;
}

type ClaimName = keyof PersonClaims;

/** The claims that each scope opens. */
const CLAIMS_OF_SCOPE: Readonly<Record<string, readonly ClaimName[]>> = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
};

/** The scope that opens a claim; undefined for a claim that no scope opens. */
export function scopeOfClaim(claim: string): string | undefined {
  return Object.entries(CLAIMS_OF_SCOPE).find(([, claims]) => claims.some((name) => name === claim))?.[0];
}

/** Every claim there is, for the metadata document. */
export const PERSON_CLAIM_NAMES: readonly string[] = Object.values(CLAIMS_OF_SCOPE).flat();

/**
 * The claims of a person that these scopes open; a claim the account does not have is left out.
 * @param alsoNamed claims asked for one by one (OpenID Connect Core §5.5); names that are not ours are passed over
 */
export function personClaims(
  user: User,
  scopes: readonly string[],
  alsoNamed: readonly string[] = [],
): PersonClaims {
  const all: PersonClaims = {
    ...user.claims,
    name: user.displayName,
    updated_at: Math.floor(user.updatedAt / 1000),
    email: user.email,
    email_verified: user.emailVerified,
  };
  const opened = new Set<string>([...scopes.flatMap((scope) => CLAIMS_OF_SCOPE[scope] ?? []), ...alsoNamed]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => opened.has(name)));
}
