/** Attempts, counted in the database so that every node sees them. */
export interface FailedAttempts {
  /**
   * Counts one under each key, unless any of them is full: then under none. Of calls at the same time, on whatever
   * nodes, no more succeed than fit.
   * @returns when the next one fits, in milliseconds, or undefined when it was counted
   */
  take(counted: readonly CountedAttempts[], at: number): Promise<number | undefined>;
  /** @returns when the next one fits under every key, in milliseconds, or undefined where it fits now */
  freeAt(counted: readonly CountedAttempts[], at: number): Promise<number | undefined>;
  /** Adds one under each key (a hash of account or address; never the value itself). */
  record(keys: readonly string[], at: number): Promise<void>;
  /** After a success. */
  clear(keys: readonly string[]): Promise<void>;
}

export interface CountedAttempts {
  readonly key: string;
  /** As many fit within the window. */
  readonly limit: number;
  readonly windowMs: number;
}
