/**
 * The issuer's status lists: fetched when a token names one, held to the issuer's keys, used for as long as they say.
 * @spec draft-ietf-oauth-status-list-15 §8.3, §11.5, §13.7
 */
import type { ReadStatusList } from '@tessera/tokens/status-list';
import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';
import { fetchBytes } from './fetch-json.ts';
import type { FetchLimits } from './fetch-json.ts';
import type { KeySource } from './jwks.ts';

export interface StatusReference {
  readonly idx: number;
  readonly uri: string;
}

/** What is known about the status of one token. */
export type Status =
  | 'valid'
  | 'ended'
  /** The list is too old, or could not be had. */
  | 'unknown'
  /** The token names a place that no list of its issuer has. */
  | 'invalid';

export interface StatusLists {
  /**
   * @param liveSince by `performance.now()`: since when events have told of everything; a list fetched after that needs no other copy
   * @returns at once where a list is at hand
   */
  statusOf(
    reference: StatusReference,
    format: AccessToken['format'],
    liveSince: number | undefined,
  ): Status | Promise<Status>;
}

/** Million tokens and more in one list. */
const MAXIMUM_LIST_BYTES = 1024 * 1024;
/** All lists together: at the size that Tessera gives them, thousands, each of 131,072 tokens. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** What is kept of each besides. */
const BYTES_OF_EACH = 1024;
/** A list that says nothing about it is used for this long. */
const DEFAULT_TTL_SECONDS = 60;
const SHORTEST_TTL_SECONDS = 1;
const LONGEST_TTL_SECONDS = 3600;
/** From this part of its time on, a list that is asked for is fetched again in the background. */
const RENEW_AFTER = 0.75;
/** After a failure. */
const RETRY_AFTER_MS = 2000;
/** A list of 1 MB, compressed badly and encoded twice. */
const MAXIMUM_ANSWER_BYTES = 2 * 1024 * 1024;

const ALGS: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const JWT = 'application/statuslist+jwt';
const CWT = 'application/statuslist+cwt';

interface Entry {
  read: ReadStatusList | undefined;
  /** What it takes up. */
  bytes: number;
  /** When its fetch began, by the clock. */
  fetchedAt: number;
  /** The same by a clock that cannot stand still: what was true before that is in it. Of one that a cache may have kept nobody knows. */
  begunAt: number;
  triedAt: number;
  underWay: Promise<void> | undefined;
}

/** @param issuer only lists at its own origin are fetched */
export function createStatusLists(
  issuer: string,
  keys: KeySource,
  clock: Clock,
  limits: FetchLimits,
): StatusLists {
  return new RemoteStatusLists(issuer, keys, clock, limits);
}

class RemoteStatusLists implements StatusLists {
  readonly #origin: string;
  readonly #keys: KeySource;
  readonly #clock: Clock;
  readonly #limits: FetchLimits;
  readonly #entries = new Map<string, Entry>();
  /** All together. */
  #bytes = 0;

  constructor(issuer: string, keys: KeySource, clock: Clock, limits: FetchLimits) {
    this.#origin = new URL(issuer).origin;
    this.#keys = keys;
    this.#clock = clock;
    this.#limits = limits;
  }

  statusOf(
    reference: StatusReference,
    format: AccessToken['format'],
    liveSince: number | undefined,
  ): Status | Promise<Status> {
    const entry = this.#entryOf(reference.uri);
    if (entry === undefined) return 'invalid';
    const known = this.#statusIn(entry, reference.idx);
    // What has ended does not come back, however old the list is.
    if (known === 'ended') return known;
    const age = this.#ageOf(entry, liveSince);
    if (age < 1 && !isBehind(entry, liveSince)) {
      if (age >= RENEW_AFTER) void this.#renew(entry, reference.uri, format, liveSince);
      return known;
    }
    return this.#renewed(entry, reference, format, liveSince);
  }

  async #renewed(
    entry: Entry,
    { uri, idx }: StatusReference,
    format: AccessToken['format'],
    liveSince: number | undefined,
  ): Promise<Status> {
    await this.#renew(entry, uri, format, liveSince);
    // What was under way may have begun too early.
    if (isBehind(entry, liveSince)) await this.#renew(entry, uri, format, liveSince);
    const status = this.#statusIn(entry, idx);
    return status === 'ended' || this.#ageOf(entry, liveSince) < 1 ? status : 'unknown';
  }

  #entryOf(uri: string): Entry | undefined {
    const known = this.#entries.get(uri);
    if (known !== undefined) return known;
    if (!URL.canParse(uri) || new URL(uri).origin !== this.#origin) return undefined;
    const entry: Entry = {
      read: undefined,
      bytes: 0,
      fetchedAt: Number.NEGATIVE_INFINITY,
      begunAt: Number.NEGATIVE_INFINITY,
      triedAt: Number.NEGATIVE_INFINITY,
      underWay: undefined,
    };
    this.#entries.set(uri, entry);
    this.#weigh(uri, entry, BYTES_OF_EACH);
    return entry;
  }

  #weigh(uri: string, entry: Entry, bytes: number): void {
    // Dropped meanwhile.
    if (this.#entries.get(uri) !== entry) return;
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    // The first is the one that was needed first: lists go out of use in that order.
    for (const [oldest, dropped] of this.#entries) {
      if (this.#bytes <= MAXIMUM_BYTES) break;
      this.#entries.delete(oldest);
      this.#bytes -= dropped.bytes;
    }
  }

  #statusIn({ read }: Entry, idx: number): Status {
    if (read === undefined) return 'unknown';
    if (idx >= read.list.size) return 'invalid';
    return read.list.get(idx) === 0 ? 'valid' : 'ended';
  }

  /** As a part of the time for which the list may be used; 1 and more: not any longer. */
  #ageOf({ read, fetchedAt, begunAt }: Entry, liveSince: number | undefined): number {
    if (read === undefined) return Number.POSITIVE_INFINITY;
    const now = this.#clock();
    const isExpired = read.expiresAt !== undefined && now >= read.expiresAt * 1000;
    // Everything since then was told, so that the list is as good as new.
    if (liveSince !== undefined && begunAt > liveSince) return isExpired ? RENEW_AFTER : 0;
    if (isExpired) return Number.POSITIVE_INFINITY;
    const ttl = Math.min(
      Math.max(read.ttl ?? DEFAULT_TTL_SECONDS, SHORTEST_TTL_SECONDS),
      LONGEST_TTL_SECONDS,
    );
    // How old it is, nobody knows once the clock has been set back.
    return now < fetchedAt ? Number.POSITIVE_INFINITY : (now - fetchedAt) / (ttl * 1000);
  }

  /** Never rejects: what could not be fetched stays as old as it is. */
  async #renew(
    entry: Entry,
    uri: string,
    format: AccessToken['format'],
    liveSince: number | undefined,
  ): Promise<void> {
    const now = this.#clock();
    if (entry.underWay === undefined && (now - entry.triedAt >= RETRY_AFTER_MS || now < entry.triedAt)) {
      entry.triedAt = now;
      entry.underWay = this.#refresh(entry, uri, format, liveSince !== undefined, now);
    }
    await entry.underWay;
  }

  /** Never rejects. */
  async #refresh(
    entry: Entry,
    uri: string,
    format: AccessToken['format'],
    fresh: boolean,
    now: number,
  ): Promise<void> {
    const begunAt = performance.now();
    try {
      const read = await this.#fetch(uri, format, fresh);
      entry.read = read;
      this.#weigh(uri, entry, BYTES_OF_EACH + (read.list.size * read.list.bits) / 8);
      entry.fetchedAt = now;
      entry.begunAt = fresh ? begunAt : Number.NEGATIVE_INFINITY;
      entry.triedAt = Number.NEGATIVE_INFINITY;
    } catch {
      // Tried again after a while.
    } finally {
      entry.underWay = undefined;
    }
  }

  /** @param fresh past every cache on the way: what ended before is not told again */
  async #fetch(uri: string, format: AccessToken['format'], fresh: boolean): Promise<ReadStatusList> {
    const accept = format === 'cwt' || format === 'cat' ? `${CWT}, ${JWT};q=0.5` : `${JWT}, ${CWT};q=0.5`;
    const headers = { accept, ...(fresh && { 'cache-control': 'no-cache' }) };
    const { bytes, type } = await fetchBytes(uri, { headers }, this.#limits, MAXIMUM_ANSWER_BYTES);
    const verification = {
      findKey: (kid: string | undefined, alg: string) => this.#keys.find(kid, alg),
      uri,
      nowMs: this.#clock(),
      maximumBytes: MAXIMUM_LIST_BYTES,
    };
    if (type === CWT) {
      const { verifyStatusListCwt } = await import('@tessera/tokens/status-list/cwt');
      return verifyStatusListCwt(bytes, verification);
    }
    const { verifyStatusListJwt } = await import('@tessera/tokens/status-list');
    return verifyStatusListJwt(Buffer.from(bytes).toString('latin1'), { ...verification, algs: ALGS });
  }
}

/** Whether something may have ended after the list was made and before events told of it. */
function isBehind({ begunAt }: Entry, liveSince: number | undefined): boolean {
  return liveSince !== undefined && begunAt <= liveSince;
}
