/** Access tokens that expire within the same so long, counted from the epoch, lie together: a day, in UTC. */
export const TOKEN_PARTITION_MS = 24 * 3600 * 1000;

/** A partition of the tokens that expire from the one time on and before the other. */
export interface TokenPartition {
  readonly name: string;
  /** Absent: from ever. */
  readonly from?: number;
  /** Absent with `from`: whatever no other one takes. */
  readonly below?: number;
}
