/** What the store tells whoever watches it. Told while people wait: it must cost next to nothing. */
import type { AuditEvent } from '../domain/audit-event.ts';

/** `find` and `append` are the quick ones of the token path, `scan` reads lists, `write` is a transaction. */
export type StoreOperation = 'find' | 'scan' | 'write' | 'append';

export interface StoreObserver {
  /** Of the quick ones only a share is measured. @param isGood false: the store did not answer */
  answered(operation: StoreOperation, milliseconds: number, isGood: boolean): void;
  /** So many writes shared a commit. */
  readonly committed: (writes: number) => void;
  /** An event is in the audit log, for good. */
  recorded(type: AuditEvent['type'], outcome: AuditEvent['outcome']): void;
}

/** How it is now. */
export interface StoreFigures {
  readonly caches: readonly { readonly name: string; readonly hits: number; readonly misses: number }[];
  /** Of the pool for transactions and lists; absent where there is one connection. */
  readonly connections?: { readonly open: number; readonly idle: number; readonly waiting: number };
}
