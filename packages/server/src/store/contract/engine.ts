import type { Store } from '../../ports/store.ts';

/** A database that the contract is checked on. */
export interface Engine {
  /** A store on an empty database of its own, and another node on the same one where there may be several. */
  open(): Promise<{ readonly store: Store; readonly otherNode?: Store }>;
}
