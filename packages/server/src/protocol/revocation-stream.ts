/**
 * The stream of what ended, for the APIs that take our tokens: each place in it has a name, and whoever was cut off
 * reads on from there. Server-sent events.
 * @spec HTML Living Standard §9.2
 */
import type { Client } from '../domain/client.ts';
import type { Ending } from '../domain/ending.ts';
import { placeOf, statusListUri } from '../domain/status-list.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndingCursor, EndingPage, Endings } from '../ports/endings.ts';
import type { Resources } from '../ports/resources.ts';
import { OAuthError } from './oauth-error.ts';

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

export interface RevocationStreamDependencies {
  readonly issuer: string;
  readonly endings: Endings;
  readonly resources: Pick<Resources, 'servedBy'>;
  readonly clock: Clock;
  /** Told how long after its end a reader hears of something, in milliseconds. */
  readonly told?: (milliseconds: number) => void;
}

const PAGE = 500;
/** Sent when there is nothing to say, so that both sides know that the other is there. */
const HEARTBEAT_MS = 5000;
/** Then the reader comes back, and is authenticated anew. */
const LONGEST_MS = 300_000;
/** Something is written that cannot be read yet. */
const PENDING_MS = 15;
const MAXIMUM_STREAMS = 1000;
/** Another node may have taken the client for a good one so much longer. */
const FOREIGN_WRITE_SECONDS = 1;

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
    if (this.#closed || this.#open >= MAXIMUM_STREAMS) {
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

  async *#stream(
    clientId: string,
    servedAtFirst: ReadonlySet<string>,
    after: string | undefined,
  ): AsyncGenerator<string, void, void> {
    this.#open += 1;
    try {
      let served = servedAtFirst;
      const endsAt = performance.now() + LONGEST_MS;
      let cursor = after ?? '';
      let isLive = false;
      yield 'retry: 1000\n\n';
      while (!this.#closed && performance.now() < endsAt) {
        const seen = this.#wakes;
        const page = await this.#read(cursor);
        if (page === undefined) {
          cursor = await this.#dependencies.endings.head();
          isLive = false;
          yield await this.#reset(cursor, served);
          continue;
        }
        ({ cursor } = page);
        const { endings, pending } = page;
        if (endings.length > 0) yield this.#write(endings, served);
        if (endings.some((each) => each.kind === 'client' && each.clientId === clientId)) return;
        if (endings.length > 0) continue;
        if (!isLive && !pending) {
          // Everything up to now has been said.
          isLive = true;
          yield `event: live\nid: ${cursor}\ndata: {}\n\n`;
        }
        const isOver = await this.#wait(seen, pending ? PENDING_MS : HEARTBEAT_MS);
        if (isOver && !pending) {
          served = await this.#servedBy(clientId);
          if (served.size === 0) return;
          // An id without data moves the reader's place, and says nothing.
          yield `id: ${cursor}\n\n`;
        }
      }
    } finally {
      this.#open -= 1;
    }
  }

  /** The reader is to forget what it knows. What no status list tells of is told again. */
  async #reset(cursor: EndingCursor, served: ReadonlySet<string>): Promise<string> {
    const unlisted = await this.#dependencies.endings.unlisted(this.#dependencies.clock());
    const told = unlisted.map((each) => this.#message(each, served)).join('');
    return `event: reset\ndata: {}\n\n${told}id: ${cursor}\n\n`;
  }

  #write(endings: EndingPage['endings'], served: ReadonlySet<string>): string {
    const { told, clock } = this.#dependencies;
    const now = clock();
    for (const { at } of endings) told?.(Math.max(0, now - at));
    return endings
      .map((each) => {
        const message = this.#message(each, served);
        return message === '' ? `id: ${each.cursor}\n\n` : `id: ${each.cursor}\n${message}`;
      })
      .join('');
  }

  /** Empty for what concerns other APIs. */
  #message(ending: Ending, served: ReadonlySet<string>): string {
    const data = this.#dataOf(ending, served);
    return data === undefined ? '' : `event: ended\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #dataOf(ending: Ending, served: ReadonlySet<string>): object | undefined {
    const exp = Math.ceil(ending.expiresAt / 1000);
    // Tokens say the second of their issue only.
    const before = Math.floor(ending.at / 1000) + 1 + FOREIGN_WRITE_SECONDS;
    switch (ending.kind) {
      case 'token': {
        // A token that names no API is good at the default one.
        if (ending.resourceId !== undefined && !served.has(ending.resourceId)) return undefined;
        const token = Buffer.from(ending.tokenId).toString('base64url');
        if (ending.statusIndex === undefined) return { token, exp };
        const { list, idx } = placeOf(ending.statusIndex);
        return { token, exp, status: { uri: statusListUri(this.#dependencies.issuer, list), idx } };
      }
      case 'grant':
        return { grant: ending.grantId, exp };
      case 'client':
        return { client_id: ending.clientId, before, exp };
      case 'resource':
        return { resource: ending.resource, before, exp };
      case 'policy': {
        const { epoch, clientId: client_id, grantId: grant_id, resource, organizationId: org_id } = ending;
        // Members that are not there are left out of the JSON.
        return { policy: { epoch, client_id, grant_id, resource, org_id }, before, exp };
      }
      case 'key':
        return { kid: ending.kid, exp };
      case 'epoch':
        // Nothing is issued in the second of a restore: the server starts after it.
        return { epoch: ending.at, before: before - FOREIGN_WRITE_SECONDS, exp };
      default:
        return undefined;
    }
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
    const isEmpty = page !== undefined && !page.pending && page.endings.length === 0;
    if (!isEmpty && this.#pages.get(cursor) === reading) this.#pages.delete(cursor);
  }

  #wake(): void {
    this.#wakes += 1;
    this.#pages.clear();
    for (const wake of this.#waiting) wake();
  }

  /** Until something has ended since `seen`. @returns whether the time was over first */
  async #wait(seen: number, milliseconds: number): Promise<boolean> {
    if (this.#wakes !== seen) return false;
    return new Promise((resolve) => {
      const done = (isOver: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isOver);
      };
      const wake = (): void => done(false);
      const timer = setTimeout(() => done(true), milliseconds);
      this.#waiting.add(wake);
    });
  }
}
