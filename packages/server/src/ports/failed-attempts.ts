/** Failed authentications, counted in the database so that every node sees them. */
export interface FailedAttempts {
  /** Adds one under each key (a hash of account or address; never the value itself). */
  record(keys: readonly string[], at: number): Promise<void>;
  /** How many were recorded under each key since `since`, in the order of the keys. */
  count(keys: readonly string[], since: number): Promise<readonly number[]>;
  /** After a success. */
  clear(keys: readonly string[]): Promise<void>;
}
