/**
 * JWT access tokens at an API: signature, type, issuer, audience, time.
 * @spec RFC 9068 §4; RFC 8725 §3
 */
import { JwtError, accessTokenTyps, createJwtReader } from '@tessera/tokens';
import type { JwtErrorCode } from '@tessera/tokens';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import { SignedTokens } from './signed-token.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** HS* and `none` cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA'];

export function createJwtFormat(parts: FormatParts): TokenFormat {
  const read = createJwtReader({ typ: accessTokenTyps, algs: ALGS });
  const tokens = new SignedTokens('jwt', read, parts);
  return {
    looks: (token) => token.includes('.'),
    verify: (token) => tokens.verify(token),
  };
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
