/**
 * May this request pass? Tells the token's format from its looks, checks it, and gives one object for every format.
 * @spec RFC 6750; RFC 7662; RFC 9068; RFC 9449 §7
 */
import { JwtError, parseTokenString } from '@tessera/tokens';
import type { TokenKind } from '@tessera/tokens';
import type { AccessToken } from './access-token.ts';
import { readAccessToken } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';
import { createCertificateCheck } from './certificate-binding.ts';
import type { MutualTlsOptions, RequireCertificate } from './certificate-binding.ts';
import type { Clock } from './clock.ts';
import { createPossession } from './dpop.ts';
import type { DpopOptions, RequirePossession } from './dpop.ts';
import { createDiscovery, metadataUrl } from './discovery.ts';
import type { Fetch } from './fetch-json.ts';
import { createIntrospectionCache } from './introspection-cache.ts';
import type { IntrospectionCache } from './introspection-cache.ts';
import { askIntrospection, createRemoteIntrospection, readIntrospection } from './introspection.ts';
import type { Introspect } from './introspection.ts';
import { createGivenKeys, createRemoteKeys } from './jwks.ts';
import { fromJwtError, verifyJwtAccessToken } from './jwt.ts';
import type { JwtExpectations } from './jwt.ts';
import { requireScopes } from './scope.ts';
import { requireSignIn } from './sign-in.ts';
import type { SignInNeeds } from './sign-in-needs.ts';
import type { Confirmation } from './sender-constraint.ts';
import { TokenError } from './token-error.ts';
import type { Scheme } from './token-error.ts';

export interface VerifierOptions {
  /** The authorization server whose tokens are good here. */
  readonly issuer: string;
  /** This API's identifier: a token must name it as one of its audiences. */
  readonly audience: string;
  /** Credentials for introspection; without them, and without `introspect`, opaque tokens are refused. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Milliseconds since the epoch; `Date.now` unless given. */
  readonly clock?: Clock;
  /** The global `fetch` unless given. */
  readonly fetch?: Fetch;
  /** Asks about an opaque token in place of HTTP; its answer is an RFC 7662 response. */
  readonly introspect?: Introspect;
  /** Gives the JWK set in place of HTTP; asked for every JWT. */
  readonly jwks?: () => unknown;
  /** For how long a good introspection answer may be used again: 0 means never. A revocation is seen that much later. */
  readonly introspectionCacheSeconds?: number;
  /** Tokens that are bound to a key: where callers reach this API, who remembers proofs, nonces. */
  readonly dpop?: DpopOptions;
  /** Tokens that are bound to a certificate: which proxies pass certificates on. */
  readonly mutualTls?: MutualTlsOptions;
  /** How long a request to the issuer may take; 5 unless given. */
  readonly timeoutSeconds?: number;
}

export interface VerifyOptions extends SignInNeeds {
  /** All of these are needed. */
  readonly scopes?: readonly string[];
}

export interface Verifier {
  readonly issuer: string;
  readonly audience: string;
  /**
   * @param presented the request; or the token alone, which is refused if it is bound to a key or a certificate
   * @returns what the token says, once everything holds
   * @throws TokenError otherwise
   */
  verify(presented: PresentedRequest | string, options?: VerifyOptions): Promise<AccessToken>;
  /**
   * Drops what is remembered about an opaque token, so that the next request asks the issuer again.
   * @param tokenHash SHA-256 of the token string
   */
  forget(tokenHash: Uint8Array): void;
}

/** Kinds of token strings that are sent to APIs; a refresh token or a code never is. */
const PRESENTABLE_KINDS: ReadonlySet<TokenKind> = new Set<TokenKind>(['at', 'pat', 'ct']);
const DEFAULT_TIMEOUT_SECONDS = 5;

/** @throws TypeError when an option is missing or contradicts another */
export function createVerifier(options: VerifierOptions): Verifier {
  requireSensible(options);
  return new FormatVerifier(options);
}

class FormatVerifier implements Verifier {
  readonly issuer: string;
  readonly audience: string;
  readonly #clock: Clock;
  readonly #jwt: JwtExpectations;
  readonly #introspect: Introspect | undefined;
  readonly #cache: IntrospectionCache | undefined;
  readonly #requirePossession: RequirePossession;
  readonly #requireCertificate: RequireCertificate;

  constructor(options: VerifierOptions) {
    const {
      issuer,
      audience,
      clock = Date.now,
      clientId,
      clientSecret,
      introspectionCacheSeconds = 0,
    } = options;
    const limits = {
      fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
      timeoutMilliseconds: (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    };
    const discover = createDiscovery(issuer, clock, limits);
    const keys =
      options.jwks === undefined ? createRemoteKeys(discover, clock, limits) : createGivenKeys(options.jwks);
    this.issuer = issuer;
    this.audience = audience;
    this.#clock = clock;
    this.#jwt = { issuer, audience, clock, keys };
    this.#introspect = options.introspect;
    if (clientId !== undefined && clientSecret !== undefined) {
      this.#introspect ??= createRemoteIntrospection(discover, { clientId, clientSecret }, limits);
    }
    this.#requirePossession = createPossession(options.dpop ?? {}, clock);
    this.#requireCertificate = createCertificateCheck(options.mutualTls ?? {}, clock);
    if (introspectionCacheSeconds > 0) {
      this.#cache = createIntrospectionCache(introspectionCacheSeconds, clock);
    }
  }

  async verify(presented: PresentedRequest | string, options: VerifyOptions = {}): Promise<AccessToken> {
    const { scopes } = options;
    let scheme: Scheme = 'Bearer';
    let token = typeof presented === 'string' ? presented : '';
    try {
      if (typeof presented !== 'string') ({ scheme, token } = readAccessToken(presented));
      const verified = this.#verifyToken(token);
      // A JWT whose key is at hand needs no turn of the event loop.
      const accessToken = verified instanceof Promise ? await verified : verified;
      if (scheme === 'DPoP' && typeof presented !== 'string') {
        await this.#requirePossession(presented, token, accessToken);
      } else if (accessToken.confirmation !== undefined) {
        this.#requireConnection(presented, accessToken.confirmation);
      }
      if (options.acrValues !== undefined || options.maxAgeSeconds !== undefined) {
        requireSignIn(accessToken, options, this.#clock());
      }
      if (scopes !== undefined) requireScopes(accessToken.scopes, scopes);
      return accessToken;
    } catch (error) {
      throw toTokenError(error, scheme, scopes);
    }
  }

  forget(tokenHash: Uint8Array): void {
    this.#cache?.forget(tokenHash);
  }

  #requireConnection(presented: PresentedRequest | string, confirmation: Confirmation): void {
    if (confirmation.jkt !== undefined) throw new TokenError('bound');
    const request = typeof presented === 'string' ? undefined : presented;
    this.#requireCertificate(request, confirmation['x5t#S256']);
  }

  #verifyToken(token: string): AccessToken | Promise<AccessToken> {
    if (!token.startsWith('tsr_')) return verifyJwtAccessToken(token, this.#jwt);
    const kind = parseTokenString(token)?.kind;
    if (kind === undefined || !PRESENTABLE_KINDS.has(kind)) throw new TokenError('malformed_token');
    return this.#cache?.get(token) ?? this.#verifyOpaque(token);
  }

  async #verifyOpaque(token: string): Promise<AccessToken> {
    if (this.#introspect === undefined) throw new TokenError('malformed_token');
    const asOf = this.#cache?.now() ?? 0;
    const answer = await askIntrospection(this.#introspect, token);
    const { issuer, audience } = this;
    const accessToken = readIntrospection(answer, { issuer, audience, nowMs: this.#clock() });
    this.#cache?.put(token, accessToken, asOf);
    return accessToken;
  }
}

/** The one place where errors meet: each leaves with the scopes that the request needs, and how it presented its token. */
function toTokenError(error: unknown, scheme: Scheme, needed: readonly string[] = []): unknown {
  const refusal = error instanceof JwtError ? fromJwtError(error) : error;
  if (!(refusal instanceof TokenError)) return refusal;
  const { code, description, cause, dpopNonce, signIn, scopes = needed } = refusal;
  if (scopes.length === 0 && scheme === refusal.scheme) return refusal;
  return new TokenError(code, description, {
    cause,
    scheme: scheme === 'DPoP' ? scheme : refusal.scheme,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(dpopNonce === undefined ? {} : { dpopNonce }),
    ...(signIn === undefined ? {} : { signIn }),
  });
}

function requireSensible(options: VerifierOptions): void {
  metadataUrl(options.issuer);
  if (typeof options.audience !== 'string' || options.audience === '')
    throw new TypeError('audience is needed');
  if ((options.clientId === undefined) !== (options.clientSecret === undefined)) {
    throw new TypeError('clientId and clientSecret go together');
  }
  const { introspectionCacheSeconds = 0, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  if (!(introspectionCacheSeconds >= 0)) throw new TypeError('introspectionCacheSeconds must be 0 or more');
  if (!(timeoutSeconds > 0)) throw new TypeError('timeoutSeconds must be more than 0');
}
