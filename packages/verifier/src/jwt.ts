/**
 * JWT access tokens at an API: signature, type, issuer, audience, time.
 * @spec RFC 9068 §4; RFC 8725 §3
 */
import { JwtError, accessTokenTyps, decodeJwt, validateAccessTokenClaims, verifyJwt } from '@tessera/tokens';
import type { JwtErrorCode, VerificationKey, VerifiedJwt } from '@tessera/tokens';
import { toAccessToken } from './access-token.ts';
import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';
import type { KeySource } from './jwks.ts';
import { TokenError } from './token-error.ts';
import type { TokenErrorCode } from './token-error.ts';

export interface JwtExpectations {
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  readonly keys: KeySource;
}

/** HS* and `none` cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** Answers at once where the key is at hand. @throws TokenError, JwtError (see `fromJwtError`) */
export function verifyJwtAccessToken(
  token: string,
  expected: JwtExpectations,
): AccessToken | Promise<AccessToken> {
  const verified = verifyJwt(token, {
    findKey: (kid, alg) => expected.keys.cached(kid, alg) ?? loadKey(token, kid, alg, expected),
    typ: accessTokenTyps,
    algs: ALGS,
  });
  return verified instanceof Promise
    ? verified.then((jwt) => validate(jwt, expected))
    : validate(verified, expected);
}

/** A token of another issuer must not make us ask ours for keys. */
function loadKey(
  token: string,
  kid: string | undefined,
  alg: string,
  { issuer, keys }: JwtExpectations,
): Promise<VerificationKey | undefined> {
  const iss = decodeJwt(token)?.payload['iss'];
  if (typeof iss === 'string' && iss !== issuer) throw new TokenError('wrong_issuer');
  return keys.load(kid, alg);
}

function validate({ payload }: VerifiedJwt, { issuer, audience, clock }: JwtExpectations): AccessToken {
  const claims = validateAccessTokenClaims(payload, { issuer, audience, nowMs: clock() });
  return toAccessToken('jwt', claims);
}

/** What a refused JWT means to whoever sent it. */
export function fromJwtError(error: JwtError): TokenError {
  return new TokenError(CODE_OF_JWT_ERROR[error.code], undefined, { cause: error });
}

const CODE_OF_JWT_ERROR: Readonly<Record<JwtErrorCode, TokenErrorCode>> = {
  too_large: 'malformed_token',
  not_three_parts: 'malformed_token',
  malformed_base64url: 'malformed_token',
  malformed_header: 'malformed_token',
  malformed_payload: 'malformed_token',
  duplicate_member: 'malformed_token',
  crit_unsupported: 'malformed_token',
  b64_unsupported: 'malformed_token',
  typ_missing: 'malformed_token',
  typ_not_allowed: 'malformed_token',
  alg_none: 'bad_signature',
  alg_not_allowed: 'bad_signature',
  key_mismatch: 'bad_signature',
  bad_signature_length: 'bad_signature',
  bad_signature: 'bad_signature',
  unknown_key: 'unknown_key',
  claim_missing: 'invalid_claims',
  claim_malformed: 'invalid_claims',
  wrong_issuer: 'wrong_issuer',
  wrong_audience: 'wrong_audience',
  expired: 'expired',
  not_yet_valid: 'not_yet_valid',
};
