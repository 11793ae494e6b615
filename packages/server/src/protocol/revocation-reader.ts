/**
 * What one reader of the stream of what ended has heard, and how the rest is said to it.
 * @spec HTML Living Standard §9.2
 */
import type { Ending } from '../domain/ending.ts';
import { placeOf, statusListUri } from '../domain/status-list.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndingCursor, EndingPage, PlacedEnding } from '../ports/endings.ts';

export interface RevocationReaderDependencies {
  readonly issuer: string;
  readonly clock: Clock;
  /** Told how long after its end a reader hears of something, in milliseconds. */
  readonly told?: (milliseconds: number) => void;
}

/** Another node may have taken the client for a good one so much longer. */
const FOREIGN_WRITE_SECONDS = 1;

export class RevocationReader {
  /** The APIs whose tokens it hears of, by their ids. */
  served: ReadonlySet<string>;
  readonly #dependencies: RevocationReaderDependencies;
  #cursor: EndingCursor;
  /** Whether it has heard that everything up to now has been said. */
  #isLive = false;
  /** What it was told before the place of it was known. */
  #toldEarly: ReadonlySet<EndingCursor> = new Set();
  /** It has been told of nothing yet: what ended before is in the lists, which it looks at anew. */
  #isFresh = false;

  constructor(dependencies: RevocationReaderDependencies, served: ReadonlySet<string>, cursor: EndingCursor) {
    this.#dependencies = dependencies;
    this.served = served;
    this.#cursor = cursor;
  }

  /** Where it reads on. */
  get cursor(): EndingCursor {
    return this.#cursor;
  }

  /** Its place alone: an id without data moves the reader's place, and says nothing. */
  place(): string {
    return `id: ${this.#cursor}\n\n`;
  }

  /** It is to forget what it knows, and go on from `head`. @param unlisted what no status list tells of is told again */
  reset(head: EndingCursor, unlisted: readonly Ending[]): string {
    this.#cursor = head;
    this.#isLive = false;
    this.#toldEarly = new Set();
    this.#isFresh = true;
    return `event: reset\ndata: {}\n\n${unlisted.map((each) => this.#message(each)).join('')}${this.place()}`;
  }

  /**
   * Whether more has ended without a place than the page has room for, and not all of the rest was told before: it may
   * be hours until that has a place. To be reset then.
   */
  hasMissed({ early }: EndingPage, limit: number): boolean {
    const oldest = early.at(-1);
    return (
      early.length >= limit && !this.#isFresh && oldest !== undefined && !this.#toldEarly.has(oldest.cursor)
    );
  }

  /** What is new to it of the page after its place; empty when nothing is. */
  tell({ endings, early, cursor }: EndingPage): string {
    const isNew = (each: PlacedEnding): boolean => !this.#toldEarly.has(each.cursor);
    const now = this.#dependencies.clock();
    for (const each of [...endings, ...early]) {
      if (isNew(each)) this.#dependencies.told?.(Math.max(0, now - each.at));
    }
    const inPlace = endings.map((each) => {
      const message = isNew(each) ? this.#message(each) : '';
      return message === '' ? `id: ${each.cursor}\n\n` : `id: ${each.cursor}\n${message}`;
    });
    // Without a place: whoever is cut off hears of it again.
    const ahead = early.filter(isNew).map((each) => this.#message(each));
    this.#cursor = cursor;
    this.#isFresh = false;
    this.#toldEarly = new Set(early.map((each) => each.cursor));
    return inPlace.concat(ahead).join('') + (endings.length === 0 ? this.#live() : '');
  }

  #live(): string {
    if (this.#isLive) return '';
    this.#isLive = true;
    return `event: live\nid: ${this.#cursor}\ndata: {}\n\n`;
  }

  /** Empty for what concerns other APIs. */
  #message(ending: Ending): string {
    const data = this.#dataOf(ending);
    return data === undefined ? '' : `event: ended\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #dataOf(ending: Ending): object | undefined {
    const exp = Math.ceil(ending.expiresAt / 1000);
    // Tokens say the second of their issue only.
    const before = Math.floor(ending.at / 1000) + 1 + FOREIGN_WRITE_SECONDS;
    switch (ending.kind) {
      case 'token': {
        // A token that names no API is good at the default one.
        if (ending.resourceId !== undefined && !this.served.has(ending.resourceId)) return undefined;
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
}
