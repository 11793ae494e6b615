import { timingSafeEqual } from 'node:crypto';
import { statement } from '../statement.ts';
import type { Statement } from '../statement.ts';

/**
 * The first 48 bits of a token's hash: what an index over tokens holds. A number is several times cheaper to keep in
 * order than 32 random bytes; the few rows that share it are told apart by the whole hash.
 */
export function lookupOf(hash: Uint8Array): number {
  let lookup = 0;
  for (let index = 0; index < 6; index += 1) lookup = lookup * 256 + (hash[index] ?? 0);
  return lookup;
}

/**
 * A statement about the rows of `table` that have one lookup. PostgreSQL finds them by an index; SQLite finds the
 * newest in memory and the others by a table of its own (sqlite/newest-rows).
 * @param value the place of the lookup among the statement's values, `$1` …
 * @param sql the text, given the condition that holds for those rows
 */
export function lookupStatement(
  name: string,
  table: 'access_tokens' | 'refresh_tokens',
  value: string,
  sql: (condition: string) => string,
): Statement {
  return statement(
    name,
    sql(`${table}.seq IN (
      SELECT newest_${table}(${value}) UNION ALL SELECT seq FROM ${table}_by_lookup WHERE lookup = ${value})`),
    sql(`${table}.lookup = ${value}`),
  );
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
