/** Chores that keep the store the size of what is alive. Each may run at any time, any number of times. */
export interface Maintenance {
  /** Deletes expired codes, tokens past their retention, ended sessions, old attempts, answers past the grace. */
  purge(now: number, refreshGraceMs: number): Promise<{ readonly deleted: number }>;
  /**
   * Where tokens lie in partitions by their expiry: makes those of the days to come, and drops those that are over.
   * @returns how many
   */
  partition(now: number): Promise<number>;
}
