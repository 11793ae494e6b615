import type { Client, CustomTypesConfig, PoolClient, QueryResult } from 'pg';
import { types } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';
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
 * first analysed, and would keep reading it from end to end while it fills. While it has no statistics it also takes
 * one row for thousands, and would compile a program for them.
 */
export async function prepareConnection(client: Client | PoolClient): Promise<void> {
  await client.query('SET enable_seqscan = off; SET jit = off');
}

/**
 * On the token path every statement has one good plan, whatever its values. PostgreSQL would make another for each
 * token where it could leave out partitions while it plans; it leaves them out at no cost when it runs the plan. One
 * row needs no bitmap of the pages that it is on.
 */
export async function prepareTokenPath(client: Client): Promise<void> {
  await prepareConnection(client);
  await client.query('SET plan_cache_mode = force_generic_plan; SET enable_bitmapscan = off');
}

/**
 * A server that may only be read is behind another one, which is the first by now, or soon: after a failover its address
 * may still lead here. Whatever is connected to it would be told old news, and refused every write, as long as it stays.
 * @param use of the connection. Where the server is the first one and takes no writes for another reason, it may be read.
 * @throws StoreUnavailable
 */
export async function requirePrimary(client: Client | PoolClient, use: 'reads' | 'writes'): Promise<void> {
  const { rows } = await client.query<{ readonly is_behind: boolean; readonly takes_writes: boolean }>(
    `SELECT pg_is_in_recovery() AS is_behind, current_setting('transaction_read_only') = 'off' AS takes_writes`,
  );
  const { is_behind: isBehind = true, takes_writes: takesWrites = false } = rows[0] ?? {};
  if (isBehind || (use === 'writes' && !takesWrites))
    throw new StoreUnavailable('the database server may only be read');
}

/** Runs one prepared statement. @param withinMs unless it is as long as any other on this connection may take */
export function query(
  client: Client | PoolClient,
  on: Statement,
  values: readonly Value[],
  withinMs?: number,
): Promise<QueryResult<object>> {
  const prepared = { name: on.name, text: on.postgres, values: values.map(storable) };
  return client.query(withinMs === undefined ? prepared : { ...prepared, ...patience(withinMs) });
}

/** What the driver takes with a query, though its types do not say so: how long it waits for the answer. */
export function patience(milliseconds: number): object {
  return { query_timeout: milliseconds };
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

const GOODBYE_MS = 1000;

/** Ends a pipelined connection once everything on it is answered; one on which nothing is answered, too. Never rejects. */
export async function sayGoodbye(client: Client): Promise<void> {
  // The server closes it, and is waited for without end. A question that it leaves open is what the driver gives up at.
  client.query({ text: 'SELECT 1', ...patience(GOODBYE_MS) }).catch(() => undefined);
  await client.end().catch(() => undefined);
}
