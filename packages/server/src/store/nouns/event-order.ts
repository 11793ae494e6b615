/**
 * The order in which what ended is read, on PostgreSQL: by transactions, of which nothing more can come once none older
 * is open, in any database of the server. SQLite has one writer, and its rows their order by it.
 */
export const HAS_PLACE = 'xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/** The last place that can be read on from; there always is one. @param columns of the table of events */
export function newestPlace(columns: string): string {
  return `SELECT ${columns} FROM events WHERE ${HAS_PLACE} ORDER BY xid DESC, id DESC LIMIT 1`;
}
