/**
 * What a verifier remembers of tokens it has found good: bounded, under the SHA-256 of the whole token, until the token
 * expires at the latest. Each format has a cache of its own, so nothing is ever answered under rules it was not checked by.
 * @spec RFC 7662 §4; RFC 8725 §3.1
 */
import { hash } from 'node:crypto';
import { tokenIdHash, grantIdOf } from './revocation.ts';
import type { Forgetful } from './revocation.ts';
import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';

/** What is remembered of one token; a format may add to it. */
export interface Remembered {
  readonly accessToken: AccessToken;
  /** Milliseconds; when the token itself expires earlier, that counts. */
  readonly until: number;
}

export interface TokenCache<Entry extends Remembered> {
  /**
   * Nothing that is too old or whose token has expired.
   * @param circumstances what else the answer depended on; nothing that was found under others is given
   */
  get(token: string, circumstances?: string): Entry | undefined;
  /**
   * Keeps an entry, and freezes its access token: the next request gets the same object.
   * @param asOf what `moment()` gave before the token's state was asked for; after a `forget` in between nothing is kept
   */
  put(token: string, entry: Entry, asOf?: number, circumstances?: string): void;
  drop(token: string): void;
}

export interface Memory extends Forgetful {
  createCache<Entry extends Remembered>(): TokenCache<Entry>;
  /** A counter that everything which is forgotten moves. */
  moment(): number;
}

/** @param maximumEntries of each cache; 0 means that nothing is remembered */
export function createMemory(maximumEntries: number, clock: Clock): Memory {
  const caches: BoundedCache<Remembered>[] = [];
  let forgotten = 0;
  const forget = (drop: (cache: BoundedCache<Remembered>) => void): void => {
    forgotten++;
    caches.forEach(drop);
  };
  return {
    createCache<Entry extends Remembered>() {
      const cache = new BoundedCache<Entry>(maximumEntries, clock, () => forgotten);
      caches.push(cache);
      return cache;
    },
    moment: () => forgotten,
    forgetToken: (idHash) => forget((cache) => cache.dropId(keyOfHash(idHash))),
    forgetGrant: (grantId) => forget((cache) => cache.dropGrant(grantId)),
    forgetAll: () => forget((cache) => cache.clear()),
  };
}

interface Slot<Entry> {
  readonly entry: Entry;
  /** By the clock, which may be set back: then nobody knows how old it is. */
  readonly since: number;
  readonly until: number;
  readonly id: string | undefined;
  readonly grantId: string | undefined;
}

function withCircumstances(key: string, circumstances: string | undefined): string {
  return circumstances === undefined ? key : `${key} ${circumstances}`;
}

class BoundedCache<Entry extends Remembered> implements TokenCache<Entry> {
  readonly #maximumEntries: number;
  readonly #clock: Clock;
  readonly #moment: () => number;
  readonly #slots = new Map<string, Slot<Entry>>();
  readonly #keysOfId = new Map<string, Set<string>>();
  readonly #keysOfGrant = new Map<string, Set<string>>();
  #lastToken: string | undefined;
  #lastKey = '';

  constructor(maximumEntries: number, clock: Clock, moment: () => number) {
    this.#maximumEntries = maximumEntries;
    this.#clock = clock;
    this.#moment = moment;
  }

  get(token: string, circumstances?: string): Entry | undefined {
    if (this.#slots.size === 0) return undefined;
    const key = withCircumstances(this.#keyOf(token), circumstances);
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    const now = this.#clock();
    if (slot.since <= now && now < slot.until) return slot.entry;
    this.#remove(key);
    return undefined;
  }

  put(token: string, entry: Entry, asOf = this.#moment(), circumstances?: string): void {
    const { accessToken } = entry;
    const until = Math.min(entry.until, accessToken.exp * 1000);
    const since = this.#clock();
    if (this.#maximumEntries === 0 || asOf !== this.#moment() || since >= until) return;
    freeze(accessToken);
    const key = withCircumstances(this.#keyOf(token), circumstances);
    this.#remove(key);
    // A Map keeps the order of insertion: the first is the oldest.
    const [oldest] = this.#slots.size < this.#maximumEntries ? [] : this.#slots.keys();
    if (oldest !== undefined) this.#remove(oldest);
    const idHash = tokenIdHash({ token, accessToken });
    const id = idHash === undefined ? undefined : keyOfHash(idHash);
    const grantId = grantIdOf(accessToken);
    this.#slots.set(key, { entry, since, until, id, grantId });
    addTo(this.#keysOfId, id, key);
    addTo(this.#keysOfGrant, grantId, key);
  }

  drop(token: string): void {
    this.#remove(this.#keyOf(token));
  }

  dropId(id: string): void {
    for (const key of this.#keysOfId.get(id) ?? []) this.#remove(key);
  }

  dropGrant(grantId: string): void {
    for (const key of this.#keysOfGrant.get(grantId) ?? []) this.#remove(key);
  }

  clear(): void {
    this.#slots.clear();
    this.#keysOfId.clear();
    this.#keysOfGrant.clear();
  }

  /** Most often what was not found is put next. */
  #keyOf(token: string): string {
    if (token !== this.#lastToken) {
      this.#lastKey = keyOfToken(token);
      this.#lastToken = token;
    }
    return this.#lastKey;
  }

  #remove(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    removeFrom(this.#keysOfId, slot.id, key);
    removeFrom(this.#keysOfGrant, slot.grantId, key);
  }
}

function addTo(index: Map<string, Set<string>>, name: string | undefined, key: string): void {
  if (name === undefined) return;
  const keys = index.get(name);
  if (keys === undefined) index.set(name, new Set([key]));
  else keys.add(key);
}

function removeFrom(index: Map<string, Set<string>>, name: string | undefined, key: string): void {
  if (name === undefined) return;
  const keys = index.get(name);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(name);
}

/** One character for each byte of the hash: Node writes this form fastest. */
function keyOfToken(token: string): string {
  return hash('sha256', token, 'binary');
}

function keyOfHash(idHash: Uint8Array): string {
  return Buffer.from(idHash.buffer, idHash.byteOffset, idHash.byteLength).toString('latin1');
}

/** To the last member: a handler that changed one would change what the next request gets. */
function freeze(value: object): void {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) freeze(member);
  }
  Object.freeze(value);
}
