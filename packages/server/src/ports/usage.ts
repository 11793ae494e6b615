/** What is counted. `verified`: an API asked about a good token. */
export const USAGE_KINDS = ['issued', 'verified', 'refused'] as const;

export type UsageKind = (typeof USAGE_KINDS)[number];

/** Told of each request; must cost nothing. */
export interface UsageCounter {
  issued(clientId: string): void;
  verified(clientId: string): void;
  /** @param claimedClientId what the request called itself; may be anything */
  refused(reason: string, claimedClientId?: string): void;
}

/** So many of a kind, of one app, since the last time. */
export interface UsageCount {
  readonly kind: UsageKind;
  /** Absent where nobody knows. */
  readonly clientId?: string;
  readonly organizationId?: string;
  /** The code of the error, of what was refused. */
  readonly reason?: string;
  readonly count: number;
}

/** How many of a kind in the time that begins at `at`. */
export interface UsageAt {
  /** Milliseconds. */
  readonly at: number;
  readonly kind: UsageKind;
  readonly count: number;
}

export interface UsageOf {
  /** Absent: whoever it was. */
  readonly organizationIds?: readonly string[];
  readonly clientId?: string;
  /** Milliseconds. */
  readonly since: number;
}

export interface Usage {
  /** Adds to what other nodes counted. @param at milliseconds */
  add(counts: readonly UsageCount[], at: number): Promise<void>;
  /** In order; times in which nothing was counted are absent. Of one app by the hour only. */
  counts(of: UsageOf, per: 'minute' | 'hour'): Promise<readonly UsageAt[]>;
  /** The most frequent first. */
  reasons(of: UsageOf): Promise<readonly { readonly reason: string; readonly count: number }[]>;
  /** Apps that registered themselves since, newest first. */
  registrations(
    of: UsageOf,
    limit: number,
  ): Promise<readonly { readonly clientId: string; readonly at: number }[]>;
  /** Forgets minutes and hours that nobody looks at any more. @param now milliseconds @returns how many */
  purge(now: number): Promise<number>;
}
