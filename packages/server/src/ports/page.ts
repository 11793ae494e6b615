/** One page of a list, in a stable order, newest first. */
export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

/** Lists of what organizations own, cut down in the query itself. */
export interface OwnedFilter {
  /** Only what these own; absent: whoever owns it. */
  readonly organizationIds?: readonly string[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}
