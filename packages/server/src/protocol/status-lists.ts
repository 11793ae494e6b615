/**
 * The status lists of this issuer, signed: built when somebody asks, kept until something ends.
 * @spec draft-ietf-oauth-status-list-15 §5, §8.2, §9.3, §13.7
 */
import { createHash } from 'node:crypto';
import { listOfBlock, STATUS_LIST_SIZE, statusListUri } from '../domain/status-list.ts';
import type { Clock } from '../ports/clock.ts';
import type { Endings } from '../ports/endings.ts';
import type { Statuses } from '../ports/statuses.ts';
import type { KeyRing } from './key-ring.ts';

/** How a list may be signed. */
export type StatusListFormat = 'jwt' | 'cwt';

export interface SignedStatusList {
  /** Text of a JWT, bytes of a CWT. */
  readonly token: string | Uint8Array;
  /** Changes with the bytes of the token. */
  readonly etag: string;
}

export interface StatusLists {
  /** For how long a copy may be used, in seconds. */
  readonly ttlSeconds: number;
  /**
   * @param options.fresh asks the database even where nothing is known to have ended since
   * @returns undefined for a list that is not there yet, or whose tokens have all expired
   */
  find(
    list: number,
    format: StatusListFormat,
    options?: { readonly fresh?: boolean },
  ): Promise<SignedStatusList | undefined>;
  /** The addresses of all lists that may hold a token alive. */
  addresses(): Promise<readonly string[]>;
}

export interface StatusListDependencies {
  readonly issuer: string;
  readonly statuses: Statuses;
  readonly endings: Pick<Endings, 'onWritten' | 'wakesAtOnce'>;
  readonly keyRing: Pick<KeyRing, 'activeKid' | 'sign' | 'signCose' | 'verificationKey'>;
  readonly clock: Clock;
  readonly ttlSeconds: number;
}

/** A list that nothing changes is signed anew now and then: it says when it was made, and expires. */
const SIGN_AGAIN_AFTER_MS = 600_000;
const LIFE_SECONDS = 3600;

interface KeptList {
  /** The count of wakes at which the database was asked. */
  readonly asOf: number | undefined;
  readonly ended: readonly number[];
  readonly signedAt: number;
  readonly kid: string;
  readonly signed: SignedStatusList;
}

export function createStatusLists(dependencies: StatusListDependencies): StatusLists {
  return new KeptStatusLists(dependencies);
}

class KeptStatusLists implements StatusLists {
  readonly ttlSeconds: number;
  readonly #dependencies: StatusListDependencies;
  readonly #kept = new Map<string, KeptList>();
  #wakes: number | undefined;

  constructor(dependencies: StatusListDependencies) {
    this.#dependencies = dependencies;
    this.ttlSeconds = dependencies.ttlSeconds;
  }

  async find(
    list: number,
    format: StatusListFormat,
    { fresh: isFreshWanted = false }: { readonly fresh?: boolean } = {},
  ): Promise<SignedStatusList | undefined> {
    // Before the database is asked: what ends meanwhile makes the answer old.
    const asOf = this.#listen();
    const key = `${format} ${list}`;
    const kept = this.#kept.get(key);
    if (!isFreshWanted && asOf !== undefined && kept?.asOf === asOf && this.#isGood(kept)) return kept.signed;
    const range = await this.#range();
    if (range === undefined || list < range.oldest || list > range.newest) {
      this.#kept.delete(key);
      return undefined;
    }
    const from = list * STATUS_LIST_SIZE;
    const found = await this.#dependencies.statuses.ended(from, from + STATUS_LIST_SIZE);
    const ended = found.map((index) => index - from).toSorted((one, other) => one - other);
    const isSame = kept !== undefined && this.#isGood(kept) && areEqual(kept.ended, ended);
    const fresh = isSame ? { ...kept, asOf } : { ...(await this.#sign(list, format, ended)), asOf };
    if (kept === undefined) this.#dropBefore(range.oldest);
    this.#kept.set(key, fresh);
    return fresh.signed;
  }

  /** Lists whose tokens have expired: nobody asks for them any more. */
  #dropBefore(oldest: number): void {
    for (const key of this.#kept.keys()) {
      if (Number(key.slice(key.indexOf(' ') + 1)) < oldest) this.#kept.delete(key);
    }
  }

  async addresses(): Promise<readonly string[]> {
    const { oldest, newest } = (await this.#range()) ?? { oldest: 0, newest: -1 };
    return Array.from({ length: newest - oldest + 1 }, (_, index) =>
      statusListUri(this.#dependencies.issuer, oldest + index),
    );
  }

  /** Whoever never asks for a list need not hear of what ends. @returns undefined where hearing of it may take a while */
  #listen(): number | undefined {
    if (!this.#dependencies.endings.wakesAtOnce) return undefined;
    if (this.#wakes === undefined) {
      this.#wakes = 0;
      this.#dependencies.endings.onWritten(() => {
        this.#wakes = (this.#wakes ?? 0) + 1;
      });
    }
    return this.#wakes;
  }

  async #range(): Promise<{ readonly oldest: number; readonly newest: number } | undefined> {
    const blocks = await this.#dependencies.statuses.blocks();
    return blocks && { oldest: listOfBlock(blocks.oldest), newest: listOfBlock(blocks.newest) };
  }

  /** A list whose key was taken back proves nothing any more. */
  #isGood({ signedAt, kid }: KeptList): boolean {
    const { clock, keyRing } = this.#dependencies;
    const age = clock() - signedAt;
    return age >= 0 && age < SIGN_AGAIN_AFTER_MS && keyRing.verificationKey(kid) !== undefined;
  }

  async #sign(
    list: number,
    format: StatusListFormat,
    ended: readonly number[],
  ): Promise<Omit<KeptList, 'asOf'>> {
    const { issuer, keyRing, clock } = this.#dependencies;
    // Loaded with the first list that somebody asks for.
    const { createStatusList, STATUS_INVALID, STATUS_LIST_JWT_TYP, statusListClaims } = await import(
      '@tessera/tokens/status-list'
    );
    const statuses = createStatusList(1, STATUS_LIST_SIZE);
    for (const index of ended) statuses.set(index, STATUS_INVALID);
    const signedAt = clock();
    const issuedAt = Math.floor(signedAt / 1000);
    const content = {
      uri: statusListUri(issuer, list),
      issuedAt,
      expiresAt: issuedAt + Math.max(LIFE_SECONDS, 2 * this.ttlSeconds),
      ttl: this.ttlSeconds,
      list: statuses,
      aggregationUri: `${issuer}/status-lists`,
    };
    const kid = keyRing.activeKid('ES256');
    if (format === 'jwt') {
      const token = keyRing.sign('ES256', STATUS_LIST_JWT_TYP, { iss: issuer, ...statusListClaims(content) });
      return { ended, signedAt, kid, signed: { token, etag: etagOf(token) } };
    }
    const { encodeStatusListClaims, STATUS_LIST_CWT_MEDIA_TYPE } = await import(
      '@tessera/tokens/status-list/cwt'
    );
    const token = await keyRing.signCose(STATUS_LIST_CWT_MEDIA_TYPE, encodeStatusListClaims(content));
    return { ended, signedAt, kid, signed: { token, etag: etagOf(token) } };
  }
}

function areEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function etagOf(token: string | Uint8Array): string {
  return `"${createHash('sha256').update(token).digest('base64url').slice(0, 22)}"`;
}
