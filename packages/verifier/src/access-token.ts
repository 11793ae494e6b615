/**
 * What an API is told about a good access token: the same object for every format.
 * @spec RFC 9068 §2.2; RFC 7662 §2.2
 */
import type { AccessTokenClaims } from '@tessera/tokens';
import type { RenewalOutcome } from '@tessera/tokens/cat';
import { readConfirmation } from './sender-constraint.ts';
import type { Confirmation } from './sender-constraint.ts';

export interface AccessToken {
  readonly active: true;
  /** A person's token, or one that a client got for itself. */
  readonly kind: 'user' | 'client';
  readonly format: 'opaque' | 'jwt' | 'cwt' | 'cat';
  /** The issuer whose token it is. A `sub` and a `clientId` mean something only together with it. */
  readonly iss: string;
  /** The person, or the client where `kind` is `client`. */
  readonly sub: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly aud: readonly string[];
  /** Seconds since the epoch. */
  readonly exp: number;
  /** Seconds since the epoch. */
  readonly iat: number;
  /** The `jti`, where the token has one. */
  readonly tokenId: string | undefined;
  /** The key that the token is bound to, and that this request has proven; absent for a bearer token. */
  readonly confirmation?: Confirmation;
  /** A renewed token and how to hand it to the client, where a Common Access Token asks for it. */
  readonly renewal?: RenewalOutcome;
  /** Everything the token or the introspection said, under its wire names. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What every format must have said before there is an `AccessToken`. */
export type RequiredClaims = Pick<
  AccessTokenClaims,
  'sub' | 'client_id' | 'aud' | 'exp' | 'iat' | 'scope'
> & {
  readonly jti?: string;
};

/**
 * @param issuer the trusted issuer that stands behind the claims
 * @param claims validated claims
 * @throws TokenError `invalid_claims` when they ask for a check that is not made here
 */
export function toAccessToken(
  format: AccessToken['format'],
  issuer: string,
  claims: RequiredClaims & Readonly<Record<string, unknown>>,
): AccessToken {
  const { sub, client_id: clientId, aud, exp, iat, scope, jti } = claims;
  const confirmation = readConfirmation(claims);
  const accessToken: AccessToken = {
    active: true,
    kind: sub === clientId ? 'client' : 'user',
    format,
    iss: issuer,
    sub,
    clientId,
    scopes: scope === undefined ? [] : scopesOf(scope),
    aud: typeof aud === 'string' ? [aud] : aud,
    exp,
    iat,
    tokenId: jti,
    claims,
  };
  return confirmation === undefined ? accessToken : { ...accessToken, confirmation };
}

function scopesOf(scope: string): readonly string[] {
  const names = scope.split(' ');
  return names.includes('') ? names.filter((name) => name !== '') : names;
}
