/**
 * The stream of what ended, for the APIs that take our tokens: each place in it has a name, and whoever was cut off
 * reads on from there. Server-sent events.
 * @spec HTML Living Standard §9.2
 */
import type { Client } from '../domain/client.ts';
import type { Ending } from '../domain/ending.ts';
import type { Clients } from '../ports/clients.ts';
import type { EndingCursor, EndingPage, Endings } from '../ports/endings.ts';
import type { Resources } from '../ports/resources.ts';
import { OAuthError } from './oauth-error.ts';
import { RevocationReader, type RevocationReaderDependencies } from './revocation-reader.ts';

export interface RevocationStreams {
  /**
   * Text of server-sent events, as it comes; pulled, so that a slow reader holds up nobody but itself.
   * @param client serves the APIs whose tokens it hears of
   * @param after where it was cut off; absent, unknown or too old: a `reset`, and from now on
   * @throws OAuthError `unauthorized_client` for a client that serves no API; `temporarily_unavailable`
   */
  open(client: Client, after: string | undefined): Promise<AsyncGenerator<string, void, void>>;
  /** Ends every stream. */
  close(): void;
}

export interface RevocationStreamDependencies extends RevocationReaderDependencies {
  readonly endings: Endings;
  readonly resources: Pick<Resources, 'servedBy'>;
  readonly clients: Pick<Clients, 'find'>;
}

const PAGE = 500;
/** So often both sides see that the other is there, and that the reader still serves its APIs. */
const HEARTBEAT_MS = 5000;
/** Then the reader comes back, and is authenticated anew. */
const LONGEST_MS = 300_000;
/** Beyond it, only clients get in that have less than an even share of it. */
const MANY_STREAMS = 1000;
const MAXIMUM_STREAMS = 2 * MANY_STREAMS;

export function createRevocationStreams(dependencies: RevocationStreamDependencies): RevocationStreams {
  return new Streams(dependencies);
}

class Streams implements RevocationStreams {
  readonly #dependencies: RevocationStreamDependencies;
  readonly #waiting = new Set<() => void>();
  /** Streams that have caught up are all at the same place: one of them asks for all. */
  readonly #pages = new Map<EndingCursor, Promise<EndingPage | undefined>>();
  #wakes = 0;
  #open = 0;
  /** By client. */
  readonly #openOf = new Map<string, number>();
  #closed = false;
  #stopListening: (() => void) | undefined;

  constructor(dependencies: RevocationStreamDependencies) {
    this.#dependencies = dependencies;
  }

  async open(client: Client, after: string | undefined): Promise<AsyncGenerator<string, void, void>> {
    const served = await this.#servedBy(client.id);
    if (served.size === 0) {
      throw new OAuthError('unauthorized_client', 'Only a client that serves an API may listen to what ends');
    }
    if (this.#closed || !this.#hasRoomFor(client.id)) {
      throw new OAuthError('temporarily_unavailable', 'Too many are listening; try again in a moment', {
        retryAfterSeconds: 5,
      });
    }
    this.#stopListening ??= this.#dependencies.endings.onWritten(() => this.#wake());
    return this.#stream(client.id, served, after);
  }

  close(): void {
    this.#closed = true;
    this.#stopListening?.();
    this.#wake();
  }

  /** One client that listens a thousand times must not keep all others from listening. */
  #hasRoomFor(clientId: string): boolean {
    if (this.#open < MANY_STREAMS) return true;
    const own = this.#openOf.get(clientId) ?? 0;
    const listeners = this.#openOf.size + (own === 0 ? 1 : 0);
    return this.#open < MAXIMUM_STREAMS && own < MANY_STREAMS / listeners;
  }

  #count(clientId: string, by: 1 | -1): void {
    this.#open += by;
    const own = (this.#openOf.get(clientId) ?? 0) + by;
    if (own === 0) this.#openOf.delete(clientId);
    else this.#openOf.set(clientId, own);
  }

  async *#stream(
    clientId: string,
    served: ReadonlySet<string>,
    after: string | undefined,
  ): AsyncGenerator<string, void, void> {
    this.#count(clientId, 1);
    try {
      const reader = new RevocationReader(this.#dependencies, served, after ?? '');
      const endsAt = performance.now() + LONGEST_MS;
      let beatAt = performance.now() + HEARTBEAT_MS;
      yield 'retry: 1000\n\n';
      while (!this.#closed && performance.now() < endsAt) {
        const seen = this.#wakes;
        if (performance.now() >= beatAt) {
          beatAt = performance.now() + HEARTBEAT_MS;
          reader.served = await this.#servedBy(clientId);
          if (reader.served.size === 0 || !(await this.#isActive(clientId))) return;
          yield reader.place();
        }
        const read = await this.#read(reader.cursor);
        const page = read !== undefined && reader.hasMissed(read, PAGE) ? undefined : read;
        const text = page === undefined ? await this.#reset(reader) : reader.tell(page);
        if (text !== '') yield text;
        if (page !== undefined && (await this.#endsHere(page, clientId))) return;
        if (page?.endings.length === 0) await this.#wait(seen, beatAt);
      }
    } finally {
      this.#count(clientId, -1);
    }
  }

  async #reset(reader: RevocationReader): Promise<string> {
    const { endings, clock } = this.#dependencies;
    // In this order: what ends in between is told twice, rather than never.
    const head = await endings.head();
    return reader.reset(head, await endings.unlisted(clock()));
  }

  /** Whoever is told of its own end is authenticated anew. */
  async #endsHere({ endings, early }: EndingPage, clientId: string): Promise<boolean> {
    if (namesClient(endings, clientId)) return true;
    // Read again by each new stream until it has a place, and the client may be back by then.
    return namesClient(early, clientId) && !(await this.#isActive(clientId));
  }

  async #isActive(clientId: string): Promise<boolean> {
    return (await this.#dependencies.clients.find(clientId))?.status === 'active';
  }

  async #servedBy(clientId: string): Promise<ReadonlySet<string>> {
    const served = await this.#dependencies.resources.servedBy(clientId);
    return new Set(served.map((resource) => resource.id));
  }

  #read(cursor: EndingCursor): Promise<EndingPage | undefined> {
    const known = this.#pages.get(cursor);
    if (known !== undefined) return known;
    const reading = this.#dependencies.endings.after(cursor, PAGE);
    this.#pages.set(cursor, reading);
    void this.#keepEmpty(cursor, reading);
    return reading;
  }

  /** Only that nothing has ended is worth remembering, until something does. Never rejects. */
  async #keepEmpty(cursor: EndingCursor, reading: Promise<EndingPage | undefined>): Promise<void> {
    const page = await reading.catch(() => undefined);
    const isEmpty = page?.endings.length === 0 && page.early.length === 0;
    if (!isEmpty && this.#pages.get(cursor) === reading) this.#pages.delete(cursor);
  }

  #wake(): void {
    this.#wakes += 1;
    this.#pages.clear();
    for (const wake of this.#waiting) wake();
  }

  /** Until something may have ended since `seen`, and no longer than `until`. */
  async #wait(seen: number, until: number): Promise<void> {
    if (this.#wakes !== seen) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, until - performance.now()));
      this.#waiting.add(done);
    });
  }
}

function namesClient(endings: readonly Ending[], clientId: string): boolean {
  return endings.some((each) => each.kind === 'client' && each.clientId === clientId);
}
