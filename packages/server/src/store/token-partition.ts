/** Access tokens that expire within the same so long, counted from the epoch, lie together: a day, in UTC. */
export const TOKEN_PARTITION_MS = 24 * 3600 * 1000;

/** The times between which most living tokens expire: they are looked for there first. */
export function likelyExpiry(now: number): readonly [from: number, below: number] {
  const from = Math.floor(now / TOKEN_PARTITION_MS) * TOKEN_PARTITION_MS;
  return [from, from + TOKEN_PARTITION_MS];
}
