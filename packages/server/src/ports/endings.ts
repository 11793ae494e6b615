import type { Ending } from '../domain/ending.ts';

/** A place in the order of everything that ended. Opaque; safe in a header. */
export type EndingCursor = string;

export type PlacedEnding = Ending & { readonly cursor: EndingCursor };

export interface EndingPage {
  readonly endings: readonly PlacedEnding[];
  /** Where to read on; that of the last ending, or the one that was given. */
  readonly cursor: EndingCursor;
  /**
   * What has ended, though something before it may still come, so that nobody may read on from there yet: each comes
   * again in its place. Newest first, at most `limit`. Told at once all the same: what holds the order up may be
   * somebody else's work on the same database server, and may last for hours.
   */
  readonly early: readonly PlacedEnding[];
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
   * ended, grants, clients and APIs under which there may have been some, keys that were taken back, changes of policies, everything that a restored backup ended.
   */
  unlisted(now: number): Promise<readonly Ending[]>;
  /** Whether `wake` comes before the next request can; not where other nodes write, whose word is on its way. */
  readonly wakesAtOnce: boolean;
  /** @param wake called when more may be there to read; now and then for nothing @returns ends it */
  onWritten(wake: () => void): () => void;
}
