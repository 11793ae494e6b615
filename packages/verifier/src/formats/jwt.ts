/**
 * JWT access tokens at an API: signature, type, issuer, audience, time.
 * @spec RFC 9068 §4; RFC 8725 §3
 */
import { JwtError, accessTokenTyps, readJwt, validateAccessTokenClaims } from '@tessera/tokens';
import type { JwtErrorCode, UnprovenJwt, VerificationKey } from '@tessera/tokens';
import { toAccessToken } from '../access-token.ts';
import type { AccessToken } from '../access-token.ts';
import type { Clock } from '../clock.ts';
import type { KeySource } from '../jwks.ts';
import type { Remembered, TokenCache } from '../memory.ts';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** HS* and `none` cannot be listed: @tessera/tokens refuses them whatever stands here. */
const ALGS: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA'];

export function createJwtFormat({ issuers, clock, memory }: FormatParts): TokenFormat {
  return new JwtFormat(issuers, clock, memory.createCache());
}

/** A token under whose key its signature was found good. */
interface RememberedJwt extends Remembered {
  readonly keys: KeySource;
  readonly key: VerificationKey;
}

type Found = VerificationKey | undefined;

class JwtFormat implements TokenFormat {
  readonly #issuers: ReadonlyMap<unknown, TrustedIssuer>;
  readonly #clock: Clock;
  readonly #cache: TokenCache<RememberedJwt>;

  constructor(issuers: readonly TrustedIssuer[], clock: Clock, cache: TokenCache<RememberedJwt>) {
    this.#issuers = new Map(issuers.map((each) => [each.issuer, each]));
    this.#clock = clock;
    this.#cache = cache;
  }

  looks(token: string): boolean {
    return token.includes('.');
  }

  /** Answers at once where the key is at hand. */
  verify(token: string): AccessToken | Promise<AccessToken> {
    const remembered = this.#cache.get(token);
    if (remembered === undefined) return this.#verifyAnew(token);
    const { accessToken, key, keys } = remembered;
    // A key that its issuer took back takes with it what was signed with it.
    const found = keys.find(key.kid, key.alg);
    if (found === key) return accessToken;
    if (!(found instanceof Promise)) return this.#verifyAnew(token);
    return found.then((loaded) => (loaded === key ? accessToken : this.#verifyAnew(token)));
  }

  #verifyAnew(token: string): AccessToken | Promise<AccessToken> {
    const jwt = readJwt(token, { typ: accessTokenTyps, algs: ALGS });
    const trusted = this.#issuerOf(jwt.claims()['iss']);
    const found = trusted.keys.find(jwt.kid, jwt.alg);
    return found instanceof Promise
      ? found.then((key) => this.#verifyWith(key, jwt, token, trusted))
      : this.#verifyWith(found, jwt, token, trusted);
  }

  /** A token of an issuer that is not trusted here makes nobody ask for keys. */
  #issuerOf(iss: unknown): TrustedIssuer {
    const trusted = this.#issuers.get(iss);
    if (trusted === undefined)
      throw new TokenError(typeof iss === 'string' ? 'wrong_issuer' : 'invalid_claims');
    return trusted;
  }

  #verifyWith(key: Found, jwt: UnprovenJwt, token: string, trusted: TrustedIssuer): AccessToken {
    const { issuer, audience, keys } = trusted;
    const { payload } = jwt.verify(key);
    const claims = validateAccessTokenClaims(payload, { issuer, audience, nowMs: this.#clock() });
    const accessToken = toAccessToken('jwt', issuer, claims);
    if (key !== undefined) this.#cache.put(token, { accessToken, until: Infinity, keys, key });
    return accessToken;
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
