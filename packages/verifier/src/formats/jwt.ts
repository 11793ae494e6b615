/**
 * JWT access tokens at an API: signature, type, issuer, audience, time.
 * @spec RFC 9068 §4; RFC 8725 §3
 */
import { JwtError, accessTokenTyps, validateAccessTokenClaims, verifyJwt } from '@tessera/tokens';
import type { JsonObject, JwtErrorCode, VerificationKey, VerifiedJwt } from '@tessera/tokens';
import { toAccessToken } from '../access-token.ts';
import type { AccessToken } from '../access-token.ts';
import type { Clock } from '../clock.ts';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** HS* and `none` cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA'];

export function createJwtFormat({ issuers, clock }: FormatParts): TokenFormat {
  return new JwtFormat(issuers, clock);
}

class JwtFormat implements TokenFormat {
  readonly #issuers: ReadonlyMap<unknown, TrustedIssuer>;
  readonly #clock: Clock;

  constructor(issuers: readonly TrustedIssuer[], clock: Clock) {
    this.#issuers = new Map(issuers.map((each) => [each.issuer, each]));
    this.#clock = clock;
  }

  looks(token: string): boolean {
    return token.includes('.');
  }

  /** Answers at once where the key is at hand. */
  verify(token: string): AccessToken | Promise<AccessToken> {
    const verified = verifyJwt(token, {
      findKey: (kid, alg, claims) => this.#findKey(kid, alg, claims()),
      typ: accessTokenTyps,
      algs: ALGS,
    });
    return verified instanceof Promise
      ? verified.then((jwt) => this.#validate(jwt))
      : this.#validate(verified);
  }

  /** A token of an issuer that is not trusted here makes nobody ask for keys. */
  #findKey(
    kid: string | undefined,
    alg: string,
    { iss }: JsonObject,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const trusted = this.#issuerOf(iss);
    return trusted.keys.cached(kid, alg) ?? trusted.keys.load(kid, alg);
  }

  #issuerOf(iss: unknown): TrustedIssuer {
    const trusted = this.#issuers.get(iss);
    if (trusted === undefined)
      throw new TokenError(typeof iss === 'string' ? 'wrong_issuer' : 'invalid_claims');
    return trusted;
  }

  #validate({ payload }: VerifiedJwt): AccessToken {
    const { issuer, audience } = this.#issuerOf(payload['iss']);
    const claims = validateAccessTokenClaims(payload, { issuer, audience, nowMs: this.#clock() });
    return toAccessToken('jwt', issuer, claims);
  }
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
