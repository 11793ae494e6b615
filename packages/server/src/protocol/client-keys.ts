/**
 * The keys of clients: in place, or fetched from where the client publishes them. A key that is new there works
 * within half a minute; one that was taken away is forgotten within five.
 * @spec RFC 7591 §2 (`jwks`, `jwks_uri`), OpenID Connect Core §10.1
 */
import type { X509Certificate } from 'node:crypto';
import {
  hasPrivateMembers,
  importPublicJwk,
  type JsonObject,
  jwkThumbprint,
  type VerificationKey,
} from '@tessera/tokens';
import { isSelfRegistered } from '../domain/client.ts';
import type { ClientKeys, KeyOwner } from '../ports/client-keys.ts';
import type { Outbound } from '../ports/outbound.ts';

type Found = VerificationKey | undefined;

/** A `kid` that is not known costs the client's server at most one request in this time. */
const REFETCH_AFTER_MS = 30_000;
/** Fetched keys are used without asking again. */
const FRESH_MS = 300_000;
/** For so long they are good while their server does not answer. */
const KEPT_THROUGH_OUTAGE_MS = 3_600_000;
/** So much is remembered: more than ten thousand usual key sets. The one that was met first is dropped first. */
const MOST_BYTES = 64 * 1024 * 1024;
/** What is remembered of each besides. */
const BYTES_OF_EACH = 4096;
const MAX_KEYS = 50;

/**
 * @param outbound fetches for whoever was registered here
 * @param ofStrangers fetches for apps that registered themselves, whose traffic must not use up that of the others
 */
export function createClientKeys(
  outbound: Pick<Outbound, 'get'>,
  ofStrangers: Pick<Outbound, 'get'> = outbound,
): ClientKeys {
  const inPlace = new WeakMap<object, ClientKeySet>();
  const published = new PublishedKeys(outbound);
  const publishedByStrangers = new PublishedKeys(ofStrangers);

  function look<Thing>(
    { metadata, registeredBy }: KeyOwner,
    at: number,
    read: Reading<Thing>,
  ): Looked<Thing> {
    const { jwks, jwks_uri: uri } = metadata;
    if (jwks === undefined) {
      const isStranger = registeredBy !== undefined && isSelfRegistered({ registeredBy });
      const known = isStranger ? publishedByStrangers : published;
      return uri === undefined ? undefined : known.look(uri, at, read);
    }
    // The store gives the same object for as long as the client is the same.
    let keys = inPlace.get(jwks);
    if (keys === undefined) {
      keys = new ClientKeySet(jwks.keys);
      inPlace.set(jwks, keys);
    }
    return read(keys);
  }

  return {
    find: (client, kid, alg, at) => look(client, at, (keys) => keys.find(kid, alg)),
    hasCertificate(client, certificate, at) {
      const found = look(client, at, (keys) => keys.hasCertificate(certificate) || undefined);
      return found instanceof Promise ? found.then((isThere) => isThere === true) : found === true;
    },
  };
}

type Reading<Thing> = (keys: ClientKeySet) => Thing | undefined;
type Looked<Thing> = Thing | undefined | Promise<Thing | undefined>;

/** Keys that are read when they are first asked for. */
class ClientKeySet {
  readonly #keys: readonly JsonObject[];
  readonly #read = new Map<string, Found>();

  constructor(keys: readonly JsonObject[]) {
    this.#keys = keys;
  }

  find(kid: string | undefined, alg: string): Found {
    const fitting: VerificationKey[] = [];
    for (const [index, jwk] of this.#keys.entries()) {
      if (kid !== undefined && jwk['kid'] !== kid) continue;
      const key = this.#import(index, jwk, alg);
      if (key !== undefined) fitting.push(key);
    }
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** By the registered certificate itself where there is one (RFC 8705 §2.2), otherwise by its key. */
  hasCertificate({ raw, publicKey }: X509Certificate): boolean {
    const der = raw.toString('base64');
    const thumbprint = thumbprintOf(publicKey.export({ format: 'jwk' }));
    return this.#keys.some((jwk) => {
      const { x5c } = jwk;
      if (x5c !== undefined) return Array.isArray(x5c) && x5c[0] === der;
      return thumbprint !== undefined && thumbprintOf(jwk) === thumbprint;
    });
  }

  /** A key that names no algorithm is good for every one of its kind. */
  #import(index: number, jwk: JsonObject, alg: string): Found {
    const name = `${index} ${alg}`;
    if (this.#read.has(name)) return this.#read.get(name);
    const key = importPublicJwk(jwk['alg'] === undefined ? { ...jwk, alg } : jwk);
    const found = key?.alg === alg ? key : undefined;
    this.#read.set(name, found);
    return found;
  }
}

function thumbprintOf(jwk: object): string | undefined {
  try {
    return jwkThumbprint(jwk);
  } catch {
    return undefined; // a kind of key that has none
  }
}

interface Published {
  keys?: ClientKeySet;
  /** What it takes up. */
  bytes: number;
  /** Milliseconds. */
  fetchedAt: number;
  triedAt: number;
  fetching?: Promise<void>;
}

class PublishedKeys {
  readonly #outbound: Pick<Outbound, 'get'>;
  readonly #known = new Map<string, Published>();
  /** All together. */
  #bytes = 0;

  constructor(outbound: Pick<Outbound, 'get'>) {
    this.#outbound = outbound;
  }

  look<Thing>(uri: string, at: number, read: Reading<Thing>): Looked<Thing> {
    const entry = this.#entry(uri);
    const known = usable(entry, at);
    const found = known === undefined ? undefined : read(known);
    if (found !== undefined && ageOf(entry.fetchedAt, at) < FRESH_MS) return found;
    if (entry.fetching === undefined && ageOf(entry.triedAt, at) < REFETCH_AFTER_MS) return found;
    entry.fetching ??= this.#fetch(uri, entry, at);
    return entry.fetching.then(() => {
      const keys = usable(entry, at);
      return keys === undefined ? undefined : read(keys);
    });
  }

  #entry(uri: string): Published {
    const known = this.#known.get(uri);
    if (known !== undefined) return known;
    const entry = {
      bytes: 0,
      fetchedAt: Number.NEGATIVE_INFINITY,
      triedAt: Number.NEGATIVE_INFINITY,
    };
    this.#known.set(uri, entry);
    this.#weigh(uri, entry, BYTES_OF_EACH);
    return entry;
  }

  #weigh(uri: string, entry: Published, bytes: number): void {
    // Dropped meanwhile.
    if (this.#known.get(uri) !== entry) return;
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    for (const [oldest, dropped] of this.#known) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#known.delete(oldest);
      this.#bytes -= dropped.bytes;
    }
  }

  /** Never rejects: whoever then finds no key is refused. */
  async #fetch(uri: string, entry: Published, at: number): Promise<void> {
    entry.triedAt = at;
    try {
      const { status, body } = await this.#outbound.get(uri, {
        accept: 'application/jwk-set+json, application/json',
      });
      const keys = status === 200 ? readKeys(body) : undefined;
      if (keys !== undefined) {
        entry.keys = new ClientKeySet(keys);
        entry.fetchedAt = at;
        this.#weigh(uri, entry, BYTES_OF_EACH + body.length);
      }
    } catch {
      // Told by the refusal of the request that needed the key.
    } finally {
      delete entry.fetching;
    }
  }
}

function usable({ keys, fetchedAt }: Published, at: number): ClientKeySet | undefined {
  return ageOf(fetchedAt, at) < KEPT_THROUGH_OUTAGE_MS ? keys : undefined;
}

/** What lies ahead was before the clock was put back: by as much, at least, nobody knows its age. */
function ageOf(then: number, at: number): number {
  return Math.abs(at - then);
}

/** Undefined for what is no key set, or one in which a private key lies open. */
function readKeys(body: Uint8Array): readonly JsonObject[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null || !('keys' in document)) return undefined;
  const { keys } = document;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  const objects = keys.filter((key): key is JsonObject => typeof key === 'object' && key !== null);
  return objects.some((key) => hasPrivateMembers(key)) ? undefined : objects;
}
