/** The places of tokens in status lists. */
export interface Statuses {
  /** Takes a block of indexes that nobody else gets; resolves when that is durable. @returns its number, from 1 */
  reserveBlock(at: number): Promise<number>;
  /** The oldest and the newest block that may hold a token alive; undefined before the first. */
  blocks(): Promise<{ readonly oldest: number; readonly newest: number } | undefined>;
  /** The indexes in [from, to) whose tokens ended before their time. */
  ended(from: number, to: number): Promise<readonly number[]>;
}
