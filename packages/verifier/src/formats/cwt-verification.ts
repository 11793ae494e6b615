/**
 * CWT access tokens at an API: signature, type, issuer, audience, time. The rules are those of JWT access tokens.
 * @spec RFC 8392 §7.2; RFC 9068 §4; RFC 8725 §3
 */
import { CWT_ACCESS_TOKEN_TYP, CoseError, readCwt } from '@tessera/tokens/cwt';
import type { CoseErrorCode } from '@tessera/tokens/cwt';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import { SignedTokens } from './signed-token.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** MACs cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA'];

export function createCwtVerification(parts: FormatParts): Pick<TokenFormat, 'verify'> {
  const rules = { typ: [CWT_ACCESS_TOKEN_TYP], algs: ALGS };
  const tokens = new SignedTokens('cwt', (token) => readCwt(token, rules), parts);
  return {
    verify(token) {
      try {
        const verified = tokens.verify(token);
        return verified instanceof Promise ? verified.catch(rethrow) : verified;
      } catch (error) {
        return rethrow(error);
      }
    },
  };
}

/** What a refused CWT means to whoever sent it. */
function rethrow(error: unknown): never {
  if (!(error instanceof CoseError)) throw error;
  throw new TokenError(CODE_OF_COSE_ERROR[error.code], undefined, { cause: error });
}

const CODE_OF_COSE_ERROR: Readonly<Record<CoseErrorCode, TokenErrorCode>> = {
  too_large: 'malformed_token',
  not_base64url: 'malformed_token',
  malformed_cbor: 'malformed_token',
  wrong_tag: 'malformed_token',
  malformed_message: 'malformed_token',
  malformed_header: 'malformed_token',
  duplicate_header: 'malformed_token',
  detached_payload: 'malformed_token',
  crit_unsupported: 'malformed_token',
  typ_missing: 'malformed_token',
  typ_not_allowed: 'malformed_token',
  claims_in_header: 'malformed_token',
  malformed_claims: 'malformed_token',
  alg_not_allowed: 'bad_signature',
  key_mismatch: 'bad_signature',
  bad_signature_length: 'bad_signature',
  bad_signature: 'bad_signature',
  unknown_key: 'unknown_key',
};
