/**
 * Access tokens that their issuer signed and whose key it publishes: what is the same for JWT and CWT.
 * @spec RFC 9068 §4; RFC 8725 §3
 */
import { validateAccessTokenClaims } from '@tessera/tokens';
import type { JsonObject, VerificationKey } from '@tessera/tokens';
import { toAccessToken } from '../access-token.ts';
import type { AccessToken } from '../access-token.ts';
import type { Clock } from '../clock.ts';
import type { KeySource } from '../jwks.ts';
import type { Remembered, TokenCache } from '../memory.ts';
import { TokenError } from '../token-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts } from './token-format.ts';

/** A token whose form, type and algorithm hold. Its signature nobody has checked yet. */
interface Unproven {
  readonly kid: string | undefined;
  readonly alg: string;
  /** Good for choosing the key, and for nothing else. */
  claims(): JsonObject;
  verify(key: VerificationKey | undefined): { readonly payload: JsonObject };
}

/** A token under whose key its signature was found good. */
interface RememberedToken extends Remembered {
  readonly keys: KeySource;
  readonly key: VerificationKey;
}

type Found = VerificationKey | undefined;

export class SignedTokens {
  readonly #format: AccessToken['format'];
  readonly #read: (token: string) => Unproven;
  readonly #issuers: ReadonlyMap<unknown, TrustedIssuer>;
  readonly #clock: Clock;
  readonly #cache: TokenCache<RememberedToken>;

  /** @param read throws what a malformed token deserves */
  constructor(
    format: AccessToken['format'],
    read: (token: string) => Unproven,
    { issuers, clock, memory }: FormatParts,
  ) {
    this.#format = format;
    this.#read = read;
    this.#issuers = new Map(issuers.map((each) => [each.issuer, each]));
    this.#clock = clock;
    this.#cache = memory.createCache();
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
    const unproven = this.#read(token);
    const trusted = this.#issuerOf(unproven.claims()['iss']);
    const found = trusted.keys.find(unproven.kid, unproven.alg);
    return found instanceof Promise
      ? found.then((key) => this.#verifyWith(key, unproven, token, trusted))
      : this.#verifyWith(found, unproven, token, trusted);
  }

  /** A token of an issuer that is not trusted here makes nobody ask for keys. */
  #issuerOf(iss: unknown): TrustedIssuer {
    const trusted = this.#issuers.get(iss);
    if (trusted === undefined)
      throw new TokenError(typeof iss === 'string' ? 'wrong_issuer' : 'invalid_claims');
    return trusted;
  }

  #verifyWith(key: Found, unproven: Unproven, token: string, trusted: TrustedIssuer): AccessToken {
    const { issuer, audience, keys } = trusted;
    const { payload } = unproven.verify(key);
    const claims = validateAccessTokenClaims(payload, { issuer, audience, nowMs: this.#clock() });
    const accessToken = toAccessToken(this.#format, issuer, claims);
    if (key !== undefined) this.#cache.put(token, { accessToken, until: Infinity, keys, key });
    return accessToken;
  }
}
