import type { Client, CustomTypesConfig, PoolClient, QueryResult } from 'pg';
import { types } from 'pg';
import type { Statement, Value } from '../statement.ts';

const INT8 = 20;
const BYTEA = 17;

/** Numbers and bytes as SQLite gives them; for our connections only, the library's own parsers stay untouched. */
export const PARSERS: CustomTypesConfig = {
  getTypeParser(id: number, format?: 'text' | 'binary') {
    if (format !== 'binary' && id === INT8) return Number;
    if (format !== 'binary' && id === BYTEA) return parseBytes;
    return types.getTypeParser(id, format);
  },
};

/** `\x` and hexadecimal digits, as plain bytes of their own. */
function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

/**
 * Every statement of the store finds its rows by an index. PostgreSQL knows a new table as an empty one until it is
 * first analysed, and would keep reading it from end to end while it fills.
 */
export async function prepareConnection(client: Client | PoolClient): Promise<void> {
  await client.query('SET enable_seqscan = off');
}

/**
 * On the token path every statement has one good plan, whatever its values. PostgreSQL would make another for each
 * token where it could leave out partitions while it plans; it leaves them out at no cost when it runs the plan.
 */
export async function prepareTokenPath(client: Client): Promise<void> {
  await prepareConnection(client);
  await client.query('SET plan_cache_mode = force_generic_plan');
}

/** Runs one prepared statement. */
export function query(
  client: Client | PoolClient,
  on: Statement,
  values: readonly Value[],
): Promise<QueryResult<object>> {
  return client.query({ name: on.name, text: on.postgres, values: values.map(storable) });
}

/**
 * Runs one statement as it is made for these very values. How much of a list a filter leaves is known only then, and a
 * prepared statement would soon be run as it suits filters in general.
 */
export function queryOnce(
  client: Client | PoolClient,
  on: Statement,
  values: readonly Value[],
): Promise<QueryResult<object>> {
  return client.query({ text: on.postgres, values: values.map(storable) });
}

/**
 * PostgreSQL refuses U+0000 in text. Nothing that we make holds one, so a text from outside that does may match
 * nothing and must not fail: it is stored and compared with U+FFFD instead.
 */
export function storable(value: Value): Value {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value;
}
