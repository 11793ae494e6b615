import { REFUSAL_RETENTION_MS, REFUSALS_KEPT } from '../domain/refusal.ts';
import type { Maintenance } from '../ports/maintenance.ts';
import type { Refusals } from '../ports/refusals.ts';

/**
 * So far the clock of the node on duty may be ahead of another's: what is over only by the one is still taken by the
 * other, and must be there. Whether anything is good is decided when it is used; here it only takes up room.
 */
const CLOCKS_APART_MS = 5 * 60_000;

/**
 * Deletes what is over, by every clock.
 * @param now milliseconds since the epoch
 * @returns how many rows
 */
export async function cleanUp(
  { maintenance, refusals }: { readonly maintenance: Maintenance; readonly refusals: Refusals },
  now: number,
  refreshGraceMs: number,
): Promise<number> {
  const { deleted } = await maintenance.purge(now - CLOCKS_APART_MS, refreshGraceMs);
  return deleted + (await refusals.purge(now - REFUSAL_RETENTION_MS, REFUSALS_KEPT));
}
