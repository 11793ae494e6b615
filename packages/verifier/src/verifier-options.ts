/** What an API says about the tokens it takes, and whether that makes sense. */
import type { CatOptions } from './cat-options.ts';
import type { MutualTlsOptions } from './certificate-binding.ts';
import type { Clock } from './clock.ts';
import { metadataUrl } from './discovery.ts';
import type { DpopOptions } from './dpop.ts';
import type { Fetch } from './fetch-json.ts';
import type { Introspect } from './introspection.ts';
import type { RevocationSource } from './revocation.ts';

/** One authorization server whose tokens are good here. */
export interface IssuerOptions {
  /** Its issuer identifier: an http or https URL, letter for letter as in its metadata and in the `iss` of its JWTs. */
  readonly issuer: string;
  /** This API's identifier at this issuer: a token must name it as one of its audiences. */
  readonly audience: string;
  /** Credentials for introspection; without them, and without `introspect`, opaque tokens are refused. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Asks about an opaque token in place of HTTP; its answer is an RFC 7662 response. */
  readonly introspect?: Introspect;
  /** Gives the JWK set in place of HTTP; asked for every signed token, so a key that it takes back ends what it signed. */
  readonly jwks?: () => unknown;
  /**
   * Secrets of Common Access Tokens with HS256, as symmetric JWKs with `kid`. Whoever has one can make tokens, so it
   * stays with this API.
   */
  readonly keys?: readonly object[];
  /**
   * How the opaque tokens of this issuer begin; `tsr_` unless given. Of several issuers with the same beginning each is
   * asked in turn, so each of them sees the tokens of those after it.
   */
  readonly opaquePrefix?: string;
}

/** What is the same for all issuers. */
export interface SharedOptions {
  /**
   * Whether the issuer is told of tokens that came in a URL, where there are credentials; true unless given. Nothing
   * waits for it.
   */
  readonly reportExposed?: boolean;
  /** Milliseconds since the epoch; `Date.now` unless given. */
  readonly clock?: Clock;
  /** The global `fetch` unless given. */
  readonly fetch?: Fetch;
  /** For how long a good introspection answer may be used again: 0 means never. A revocation is seen that much later. */
  readonly introspectionCacheSeconds?: number;
  /** How many verified tokens of each format are remembered; 10 000 unless given, 0 means none. */
  readonly cacheEntries?: number;
  /** Tokens that are bound to a key: where callers reach this API, who remembers proofs, nonces. */
  readonly dpop?: DpopOptions;
  /** Tokens that are bound to a certificate: which proxies pass certificates on. */
  readonly mutualTls?: MutualTlsOptions;
  /**
   * How it is known that a token ended before its time. `events`, unless given: an issuer that is a Tessera tells it
   * over a stream, where there are credentials, and everywhere by its status lists. `status_lists`: by those alone,
   * fetched again and again. `off`: JWTs and CWTs are good until they expire.
   */
  readonly issuerRevocation?: 'events' | 'status_lists' | 'off';
  /**
   * Whether a JWT, CWT or CAT passes while the issuer cannot be asked and what is known of its status is too old:
   * `allow`, unless given, so that the API outlives its issuer's outages; `deny` answers `unavailable` (503).
   */
  readonly onStaleRevocation?: 'allow' | 'deny';
  /** Common Access Tokens: where they may be, what their claims need, whether they are renewed. */
  readonly cat?: CatOptions;
  /** Who else may say no to a token that is good otherwise. */
  readonly revocation?: readonly RevocationSource[];
  /** How long a request to an issuer may take; 5 unless given. */
  readonly timeoutSeconds?: number;
}

/** The options of an API with one authorization server. */
export interface VerifierOptions extends IssuerOptions, SharedOptions {
  readonly issuers?: undefined;
}

/** The options of an API with several. */
export interface SeveralIssuersOptions extends SharedOptions {
  /** In the order in which opaque tokens with the same beginning are asked about. No issuer twice. */
  readonly issuers: readonly [IssuerOptionsWithin, ...IssuerOptionsWithin[]];
  /** For the issuers that do not name one. */
  readonly audience?: string;
}

/** One of several: its audience may stand beside the list. */
export type IssuerOptionsWithin = Omit<IssuerOptions, 'audience'> & Partial<Pick<IssuerOptions, 'audience'>>;

export const DEFAULT_TIMEOUT_SECONDS = 5;
export const DEFAULT_CACHE_ENTRIES = 10_000;

/** @throws TypeError when an option is missing or contradicts another */
export function issuersOf(options: VerifierOptions | SeveralIssuersOptions): readonly IssuerOptions[] {
  requireSensible(options);
  if (options.issuers === undefined) return [requireIssuer(options)];
  const { audience = '' } = options;
  const issuers = options.issuers.map((each) => requireIssuer({ audience, ...each }));
  if (issuers.length === 0) throw new TypeError('issuers must name at least one');
  if (new Set(issuers.map((each) => each.issuer)).size !== issuers.length) {
    throw new TypeError('issuers must not name one twice');
  }
  return issuers;
}

function requireIssuer(options: IssuerOptions): IssuerOptions {
  const { issuer, audience, clientId, clientSecret, opaquePrefix } = options;
  metadataUrl(issuer);
  if (typeof audience !== 'string' || audience === '') throw new TypeError('audience is needed');
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw new TypeError('clientId and clientSecret go together');
  }
  if (opaquePrefix === '') throw new TypeError('opaquePrefix must not be empty');
  return options;
}

function requireSensible(options: SharedOptions): void {
  const { introspectionCacheSeconds = 0, timeoutSeconds = 1, cacheEntries = 0 } = options;
  if (!(introspectionCacheSeconds >= 0)) throw new TypeError('introspectionCacheSeconds must be 0 or more');
  if (!(timeoutSeconds > 0)) throw new TypeError('timeoutSeconds must be more than 0');
  if (!(Number.isInteger(cacheEntries) && cacheEntries >= 0)) {
    throw new TypeError('cacheEntries must be a whole number, 0 or more');
  }
}
