import type { Ending } from '../domain/ending.ts';

/** A place in the order of everything that ended. Opaque; safe in a header. */
export type EndingCursor = string;

export interface EndingPage {
  readonly endings: readonly (Ending & { readonly cursor: EndingCursor })[];
  /** Where to read on; that of the last ending, or the one that was given. */
  readonly cursor: EndingCursor;
  /** More is written and cannot be read yet, because something before it may still come: ask again soon. */
  readonly pending: boolean;
}

/**
 * Everything that ended, in an order in which nothing is ever added before what was read. Written by the verbs that end
 * something, in the same transaction.
 */
export interface Endings {
  /** Behind everything that has ended so far. */
  head(): Promise<EndingCursor>;
  /**
   * @param limit at most so many
   * @returns undefined for a cursor that this store did not make, or whose place is forgotten
   */
  after(cursor: EndingCursor, limit: number): Promise<EndingPage | undefined>;
  /**
   * What no status list tells of, of tokens that have not expired; oldest first, all of them: Common Access Tokens that
   * ended, keys that were taken back, changes of policies, everything that a restored backup ended.
   */
  unlisted(now: number): Promise<readonly Ending[]>;
  /** Whether `wake` comes before the next request can; not where other nodes write, whose word is on its way. */
  readonly wakesAtOnce: boolean;
  /** @param wake called when more may be there to read; now and then for nothing @returns ends it */
  onWritten(wake: () => void): () => void;
}
