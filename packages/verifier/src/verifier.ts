/**
 * May this request pass? Tells the token's format from its looks, checks it, and gives one object for every format.
 * @spec RFC 6750; RFC 7662; RFC 9068; RFC 9449 §7
 */
import { JwtError } from '@tessera/tokens';
import type { AccessToken } from './access-token.ts';
import { readAccessToken } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';
import { createCertificateCheck } from './certificate-binding.ts';
import type { RequireCertificate } from './certificate-binding.ts';
import type { Clock } from './clock.ts';
import { createPossession } from './dpop.ts';
import type { RequirePossession } from './dpop.ts';
import { createExposureReports } from './exposed-tokens.ts';
import { createFormats } from './formats/index.ts';
import { fromJwtError } from './formats/jwt.ts';
import type { FormatParts, TokenFormat } from './formats/token-format.ts';
import { requireTimeLeft } from './introspection.ts';
import type { FetchLimits } from './fetch-json.ts';
import { createIssuerRevocation } from './issuer-revocation.ts';
import { createMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { checkRevocation } from './revocation.ts';
import type { RevocationSource } from './revocation.ts';
import { requireScopes } from './scope.ts';
import type { Confirmation } from './sender-constraint.ts';
import { requireSignIn } from './sign-in.ts';
import type { SignInNeeds } from './sign-in-needs.ts';
import { TokenError } from './token-error.ts';
import type { Scheme } from './token-error.ts';
import { createTrustedIssuer } from './trusted-issuer.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';
import { DEFAULT_CACHE_ENTRIES, DEFAULT_TIMEOUT_SECONDS, issuersOf } from './verifier-options.ts';
import type { SeveralIssuersOptions, SharedOptions, VerifierOptions } from './verifier-options.ts';

export interface VerifyOptions extends SignInNeeds {
  /** All of these are needed. */
  readonly scopes?: readonly string[];
  /**
   * Takes a personal access token as the password of HTTP Basic, too, whatever the user name: for programs that know
   * nothing else. Never from pages of other sites.
   */
  readonly basicPersonalTokens?: boolean;
  /** Told which token passed, as it was sent: a request may carry several. */
  readonly onAccepted?: (token: string) => void;
}

export interface Verifier {
  /** Of several issuers the first. */
  readonly issuer: string;
  readonly issuers: readonly string[];
  /** What tokens of the first issuer must name. */
  readonly audience: string;
  /**
   * @param presented the request; or the token alone, which is refused if it is bound to a key or a certificate
   * @returns what the token says, once everything holds
   * @throws TokenError otherwise
   */
  verify(presented: PresentedRequest | string, options?: VerifyOptions): Promise<AccessToken>;
  /**
   * Drops what is remembered about a token, so that the next request has it checked from the start.
   * @param idHash SHA-256 of an opaque token, or of the `jti` of another one
   */
  forget(idHash: Uint8Array): void;
  /** Ends what runs in the background, such as the stream of revocations. */
  close(): void;
}

/** @throws TypeError when an option is missing or contradicts another */
export function createVerifier(options: VerifierOptions | SeveralIssuersOptions): Verifier {
  const issuerOptions = issuersOf(options);
  const { clock = Date.now, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const limits = {
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMilliseconds: timeoutSeconds * 1000,
  };
  const memory = createMemory(options.cacheEntries ?? DEFAULT_CACHE_ENTRIES, clock);
  const times = { clock, moment: () => memory.moment() };
  const issuers = issuerOptions.map((each) => createTrustedIssuer(each, times, limits));
  const revocation = [
    ...issuers.flatMap((each) => issuerRevocation(each, clock, limits, options)),
    ...(options.revocation ?? []),
  ];
  return new FormatVerifier({ issuers, clock, memory, options }, revocation);
}

/** What an issuer itself says of tokens that ended before their time. */
function issuerRevocation(
  trusted: TrustedIssuer,
  clock: Clock,
  limits: FetchLimits,
  options: SharedOptions,
): readonly RevocationSource[] {
  const { issuerRevocation: how = 'events', onStaleRevocation: onStale = 'allow', fetch } = options;
  if (how === 'off') return [];
  const { issuer, keys, credentials } = trusted;
  return [
    createIssuerRevocation({
      issuer,
      keys,
      eventsAddress: async () => (await trusted.discover()).eventsEndpoint,
      credentials: how === 'events' ? credentials : undefined,
      clock,
      limits,
      fetch,
      onStale,
      remembersOpaque: (options.introspectionCacheSeconds ?? 0) > 0,
    }),
  ];
}

class FormatVerifier implements Verifier {
  readonly issuer: string;
  readonly issuers: readonly string[];
  readonly audience: string;
  readonly #clock: Clock;
  readonly #memory: Memory;
  readonly #formats: readonly TokenFormat[];
  /** Those of the formats that look for tokens elsewhere than in the Authorization header. */
  readonly #finders: readonly TokenFormat[];
  readonly #revocation: readonly RevocationSource[];
  readonly #requirePossession: RequirePossession;
  readonly #requireCertificate: RequireCertificate;
  readonly #reportExposed: ((token: string) => void) | undefined;

  constructor(parts: FormatParts, revocation: readonly RevocationSource[]) {
    const { issuers, clock, memory, options } = parts;
    this.issuers = issuers.map((each) => each.issuer);
    this.issuer = this.issuers[0] ?? '';
    this.audience = issuers[0]?.audience ?? '';
    this.#clock = clock;
    this.#memory = memory;
    this.#formats = createFormats(parts);
    this.#finders = this.#formats.filter((format) => format.find !== undefined);
    this.#requirePossession = createPossession(options.dpop ?? {}, clock);
    this.#requireCertificate = createCertificateCheck(options.mutualTls ?? {}, clock);
    this.#revocation = revocation;
    if (options.reportExposed !== false && issuers.some((each) => each.credentials !== undefined)) {
      this.#reportExposed = createExposureReports({ issuers: () => issuers, fetch: options.fetch });
    }
    for (const source of this.#revocation) source.start?.(memory);
  }

  verify(presented: PresentedRequest | string, options: VerifyOptions = {}): Promise<AccessToken> {
    if (typeof presented !== 'string' && this.#finders.length > 0) {
      return this.#verifyPlaced(presented, options);
    }
    return this.#verifyOne(presented, options);
  }

  /** Formats may have places of their own. Of several tokens there, one that passes is enough. */
  async #verifyPlaced(request: PresentedRequest, options: VerifyOptions): Promise<AccessToken> {
    if (hasAccessToken(request)) return this.#verifyOne(request, options);
    const found = await Promise.all(this.#finders.map(async (format) => format.find?.(request) ?? []));
    let refusal: unknown;
    for (const token of found.flat()) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- a token may be good for one use: the next one waits
        return await this.#verifyOne(request, options, token);
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        refusal ??= error;
      }
    }
    if (refusal === undefined) return this.#verifyOne(request, options);
    throw refusal;
  }

  async #verifyOne(
    presented: PresentedRequest | string,
    options: VerifyOptions,
    placed?: string,
  ): Promise<AccessToken> {
    const { scopes } = options;
    let scheme: Scheme = 'Bearer';
    let token = typeof presented === 'string' ? presented : (placed ?? '');
    const request = typeof presented === 'string' ? undefined : presented;
    try {
      if (request !== undefined && placed === undefined)
        ({ scheme, token } = readAccessToken(request, options));
      const verified = this.#formatOf(token).verify(token, request);
      // A JWT whose key is at hand needs no turn of the event loop.
      const accessToken = verified instanceof Promise ? await verified : verified;
      if (this.#revocation.length > 0) {
        const checked = checkRevocation(this.#revocation, { token, accessToken });
        if (checked !== undefined) await checked;
      }
      if (placed !== undefined && accessToken.confirmation?.jkt !== undefined) scheme = 'DPoP';
      if (scheme === 'DPoP' && request !== undefined) {
        await this.#requirePossession(request, token, accessToken);
      } else if (accessToken.confirmation !== undefined) {
        this.#requireConnection(request, accessToken.confirmation);
      }
      // Whatever was remembered, and however long anything before took: expired means now.
      requireTimeLeft(accessToken.exp, this.#clock());
      if (options.acrValues !== undefined || options.maxAgeSeconds !== undefined) {
        requireSignIn(accessToken, options, this.#clock());
      }
      if (scopes !== undefined) requireScopes(accessToken.scopes, scopes);
      options.onAccepted?.(token);
      return accessToken;
    } catch (error) {
      if (error instanceof TokenError && error.code === 'token_in_url') this.#exposed(request);
      throw toTokenError(error, scheme, scopes);
    }
  }

  forget(idHash: Uint8Array): void {
    this.#memory.forgetToken(idHash);
  }

  close(): void {
    for (const source of this.#revocation) source.close?.();
  }

  #formatOf(token: string): TokenFormat {
    for (const format of this.#formats) if (format.looks(token)) return format;
    throw new TokenError('malformed_token');
  }

  #exposed(request: PresentedRequest | undefined): void {
    const [, query = ''] = request?.url?.split('?', 2) ?? [];
    this.#reportExposed?.(new URLSearchParams(query.split('#', 1)[0]).get('access_token') ?? '');
  }

  #requireConnection(request: PresentedRequest | undefined, confirmation: Confirmation): void {
    if (confirmation.jkt !== undefined) throw new TokenError('bound');
    this.#requireCertificate(request, confirmation['x5t#S256']);
  }
}

function hasAccessToken(request: PresentedRequest): boolean {
  try {
    return readAccessToken(request).token !== '';
  } catch (error) {
    // Whatever else is wrong with the header is told by whoever reads it next.
    return !(error instanceof TokenError && error.code === 'missing_token');
  }
}

/** The one place where errors meet: each leaves with the scopes that the request needs, and how it presented its token. */
function toTokenError(error: unknown, scheme: Scheme, needed: readonly string[] = []): unknown {
  const refusal = error instanceof JwtError ? fromJwtError(error) : error;
  if (!(refusal instanceof TokenError)) return refusal;
  const { code, description, cause, dpopNonce, signIn, answer, scopes = needed } = refusal;
  if (scopes.length === 0 && scheme === refusal.scheme) return refusal;
  return new TokenError(code, description, {
    cause,
    scheme: scheme === 'DPoP' ? scheme : refusal.scheme,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(dpopNonce === undefined ? {} : { dpopNonce }),
    ...(signIn === undefined ? {} : { signIn }),
    ...(answer === undefined ? {} : { answer }),
  });
}
