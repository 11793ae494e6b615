/**
 * The issuer's keys: cached, fetched again when a token names an unknown one, kept through an outage.
 * @spec RFC 7517 §5; OpenID Connect Core §10.1.1; RFC 9068 §4
 */
import { importJwkSet } from '@tessera/tokens';
import type { VerificationKey, VerificationKeySet } from '@tessera/tokens';
import type { Clock } from './clock.ts';
import type { IssuerMetadata } from './discovery.ts';
import { fetchJson } from './fetch-json.ts';
import type { FetchLimits } from './fetch-json.ts';
import { TokenError } from './token-error.ts';

type Found = VerificationKey | undefined;

export interface KeySource {
  /**
   * The same object for as long as the key is the same and the issuer has not been asked again.
   * @returns at once where the key is at hand; undefined for one that the issuer does not publish
   * @throws TokenError `unavailable` when the keys cannot be had, then or in the promise
   */
  find(kid: string | undefined, alg: string): Found | Promise<Found>;
  /** The issuer took the key back: it is never found again, and the others are fetched anew. */
  revoke(kid: string): void;
  /** The issuer may have other keys by now. */
  expire(): void;
}

/** An unknown `kid` costs the issuer at most one request in this time. */
const REFETCH_AFTER_MS = 30_000;
/** After the issuer has said that its keys changed: nodes of it may still answer with the ones before. */
const CHANGE_SETTLES_MS = 5000;
/** Without any keys nothing can pass, so a first fetch is tried again sooner. */
const FIRST_RETRY_AFTER_MS = 1000;
/** A key that the issuer took back is forgotten after this time. */
const STALE_AFTER_MS = 300_000;

/** Keys that are fetched from the issuer's `jwks_uri`. */
export function createRemoteKeys(
  discover: () => Promise<IssuerMetadata>,
  clock: Clock,
  limits: FetchLimits,
): KeySource {
  return new RemoteKeys(discover, clock, limits);
}

class RemoteKeys implements KeySource {
  readonly #discover: () => Promise<IssuerMetadata>;
  readonly #clock: Clock;
  readonly #limits: FetchLimits;
  #keys: VerificationKeySet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  /** Why the last try failed; undefined after one that did not. */
  #failure: unknown;
  #inFlight: Promise<void> | undefined;
  readonly #revoked = new Set<string>();
  #changedAt = Number.NEGATIVE_INFINITY;

  constructor(discover: () => Promise<IssuerMetadata>, clock: Clock, limits: FetchLimits) {
    this.#discover = discover;
    this.#clock = clock;
    this.#limits = limits;
  }

  find(kid: string | undefined, alg: string): Found | Promise<Found> {
    return this.#atHand(kid, alg) ?? this.#load(kid, alg);
  }

  #atHand(kid: string | undefined, alg: string): Found {
    // Stale keys are not used, unless the issuer has just failed to answer.
    const isStale = this.#ageOf(this.#fetchedAt) >= STALE_AFTER_MS;
    if (isStale && (this.#failure === undefined || this.#mayTry())) return undefined;
    return this.#known(kid, alg);
  }

  #known(kid: string | undefined, alg: string): Found {
    return kid !== undefined && this.#revoked.has(kid) ? undefined : this.#keys?.find(kid, alg);
  }

  revoke(kid: string): void {
    this.#revoked.add(kid);
    this.expire();
  }

  expire(): void {
    this.#fetchedAt = Number.NEGATIVE_INFINITY;
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#changedAt = this.#clock();
  }

  async #load(kid: string | undefined, alg: string): Promise<Found> {
    if (this.#inFlight === undefined && this.#mayTry()) this.#inFlight = this.#fetch();
    await this.#inFlight;
    const key = this.#known(kid, alg);
    // While the issuer cannot be asked, a key that is not known may still be a good one: not now, rather than no.
    if (key === undefined && this.#failure !== undefined) {
      throw cannotBeHad(this.#failure);
    }
    return key;
  }

  #mayTry(): boolean {
    const hasJustChanged = this.#triedAt < this.#changedAt + CHANGE_SETTLES_MS;
    const pause = this.#keys === undefined || hasJustChanged ? FIRST_RETRY_AFTER_MS : REFETCH_AFTER_MS;
    return this.#ageOf(this.#triedAt) >= pause;
  }

  /** What lies ahead of the clock, which was set back then, is as old as can be. */
  #ageOf(at: number): number {
    const age = this.#clock() - at;
    return age < 0 ? Number.POSITIVE_INFINITY : age;
  }

  /** Never rejects: a failure is kept for those who then find no key. */
  async #fetch(): Promise<void> {
    this.#triedAt = this.#clock();
    try {
      const { jwksUri } = await this.#discover();
      if (jwksUri === undefined) throw new Error('the issuer metadata name no jwks_uri');
      const keys = importJwkSet(await fetchJson(jwksUri, {}, this.#limits));
      if (keys === undefined) throw new Error('the key set of the issuer is malformed');
      this.#keys = keys;
      this.#fetchedAt = this.#clock();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#inFlight = undefined;
    }
  }
}

/**
 * Keys that a function gives: for the issuer itself, which knows at once when one changes.
 * @param jwks gives the JWK set; asked for every token, and read anew only when its keys are other objects than before
 */
export function createGivenKeys(jwks: () => unknown): KeySource {
  let lastKeys: readonly unknown[] = [];
  let lastSet: VerificationKeySet | undefined;
  const revoked = new Set<string>();
  const findIn = (document: unknown, kid: string | undefined, alg: string): Found => {
    const keys = keysOf(document);
    if (lastSet === undefined || !areSame(keys, lastKeys)) {
      lastSet = importJwkSet(document);
      lastKeys = [...keys];
    }
    if (lastSet === undefined) throw cannotBeHad(new Error('the given key set is malformed'));
    return kid !== undefined && revoked.has(kid) ? undefined : lastSet.find(kid, alg);
  };
  return {
    find(kid, alg) {
      const document = given(jwks);
      if (typeof document !== 'object' || document === null || !('then' in document)) {
        return findIn(document, kid, alg);
      }
      return Promise.resolve(document).then((loaded) => findIn(loaded, kid, alg), refuse);
    },
    revoke: (kid) => void revoked.add(kid),
    expire() {
      // Whoever gives them knows.
    },
  };
}

function given(jwks: () => unknown): unknown {
  try {
    return jwks();
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  throw cannotBeHad(cause);
}

function cannotBeHad(cause: unknown): TokenError {
  return new TokenError('unavailable', undefined, { cause });
}

function keysOf(document: unknown): readonly unknown[] {
  if (typeof document !== 'object' || document === null || !('keys' in document)) return [];
  return Array.isArray(document.keys) ? document.keys : [];
}

function areSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index]);
}
