/**
 * CWT access tokens at an API: signature, type, issuer, audience, time. The rules are those of JWT access tokens.
 * @spec RFC 8392 §7.2; RFC 9068 §4; RFC 8725 §3
 */
import { validateAccessTokenClaims } from '@tessera/tokens';
import type { JsonObject, VerificationKey } from '@tessera/tokens';
import { CWT_ACCESS_TOKEN_TYP, CoseError, verifyCwt } from '@tessera/tokens/cwt';
import type { CoseErrorCode, VerifiedCwt } from '@tessera/tokens/cwt';
import { toAccessToken } from '../access-token.ts';
import type { AccessToken } from '../access-token.ts';
import type { Clock } from '../clock.ts';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** MACs cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA'];
const TYPS: readonly string[] = [CWT_ACCESS_TOKEN_TYP];

export function createCwtVerification({ issuers, clock }: FormatParts): Pick<TokenFormat, 'verify'> {
  return new CwtVerification(issuers, clock);
}

class CwtVerification {
  readonly #issuers: ReadonlyMap<unknown, TrustedIssuer>;
  readonly #clock: Clock;

  constructor(issuers: readonly TrustedIssuer[], clock: Clock) {
    this.#issuers = new Map(issuers.map((each) => [each.issuer, each]));
    this.#clock = clock;
  }

  /** Answers at once where the key is at hand. */
  verify(token: string): AccessToken | Promise<AccessToken> {
    try {
      const verified = verifyCwt(token, {
        findKey: (kid, alg, claims) => this.#findKey(kid, alg, claims()),
        typ: TYPS,
        algs: ALGS,
      });
      return verified instanceof Promise
        ? verified.then((cwt) => this.#validate(cwt), rethrow)
        : this.#validate(verified);
    } catch (error) {
      return rethrow(error);
    }
  }

  /** A token of an issuer that is not trusted here makes nobody ask for keys. */
  #findKey(
    kid: string | undefined,
    alg: string,
    { iss }: JsonObject,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const trusted = this.#issuerOf(iss);
    return trusted.keys.find(kid, alg);
  }

  #issuerOf(iss: unknown): TrustedIssuer {
    const trusted = this.#issuers.get(iss);
    if (trusted === undefined)
      throw new TokenError(typeof iss === 'string' ? 'wrong_issuer' : 'invalid_claims');
    return trusted;
  }

  #validate({ payload }: VerifiedCwt): AccessToken {
    const { issuer, audience } = this.#issuerOf(payload['iss']);
    const claims = validateAccessTokenClaims(payload, { issuer, audience, nowMs: this.#clock() });
    return toAccessToken('cwt', issuer, claims);
  }
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
