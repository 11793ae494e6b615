import type { Refusal } from '../domain/refusal.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

export interface RefusalFilter extends OwnedFilter {
  readonly requestId?: string;
  readonly clientId?: string;
  readonly tokenId?: Uint8Array;
}

export interface Refusals {
  /** All of them, or none. */
  record(refusals: readonly Refusal[]): Promise<void>;
  list(filter: RefusalFilter, page: PageRequest): Promise<Page<Refusal>>;
  /** Deletes those at `before` and earlier, and all but the newest `keep`. @returns how many */
  purge(before: number, keep: number): Promise<number>;
}
