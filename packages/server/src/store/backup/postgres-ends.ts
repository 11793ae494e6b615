import { Client } from 'pg';
import { POSTGRES } from '../migrations/migration.ts';
import { MIGRATION_LOCK, runVerb } from '../postgres/migrate-postgres.ts';
import { connect } from '../postgres/open-postgres.ts';
import { PARSERS, storable } from '../postgres/query.ts';
import type { Row } from './backup-file.ts';
import { type Filling, inOrder, isDerived, type Snapshot } from './database-ends.ts';

const BATCH = 1000;
/** The protocol counts the values of a statement with 16 bits. */
const MOST_VALUES = 60_000;

/** Not those that another one is made of: their rows are in it. */
const TABLES = `SELECT c.relname AS name FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;
const COLUMNS = `SELECT c.relname AS "table", a.attname AS "column" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum`;
const REFERENCES = `SELECT conrelid::regclass::text AS "table", confrelid::regclass::text AS other FROM pg_constraint
  WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`;
/** Columns that a sequence counts, whether it is an identity's or a default's. */
const COUNTED = `SELECT c.relname AS "table", a.attname AS "column" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL`;

function clientFor(url: string): Promise<Client> {
  return connect({
    connectionString: url,
    types: PARSERS,
    application_name: 'tessera backup',
    connectionTimeoutMillis: 5000,
  });
}

/** One transaction that sees one moment; whoever writes is not held up. @throws StoreOpenError */
export async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const client = await clientFor(url);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const columns = await columnsOf(client);
  return {
    dialect: 'postgres',
    has: (table) => columns.has(table),
    async *tables() {
      const references = new Map<string, Set<string>>();
      for (const { table, other } of await texts(client, REFERENCES)) {
        references.set(table ?? '', (references.get(table ?? '') ?? new Set()).add(other ?? ''));
      }
      const names = (await texts(client, TABLES)).map(({ name = '' }) => name);
      for (const name of inOrder(
        names.filter((table) => !isDerived(table)),
        references,
      )) {
        const own = [...(columns.get(name) ?? [])];
        yield { name, columns: own, rows: rowsOf(client, name, own) };
      }
    },
    numbers: (sql) => numbersOf(client, sql),
    close: () => client.end(),
  };
}

async function texts(client: Client, sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
  return (await client.query<Readonly<Record<string, string>>>(sql)).rows;
}

async function columnsOf(client: Client): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const { table = '', column = '' } of await texts(client, COLUMNS)) {
    found.set(table, (found.get(table) ?? new Set()).add(column));
  }
  return found;
}

async function numbersOf(client: Client, sql: string): Promise<readonly number[]> {
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(sql);
  return rows.map((row) => Number(Object.values(row)[0] ?? 0));
}

async function* rowsOf(
  client: Client,
  table: string,
  columns: readonly string[],
): AsyncGenerator<readonly Row[]> {
  await client.query(`DECLARE all_rows NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${table}`);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a batch is written before the next one is read
    const { rows } = await client.query<Row[number][]>({
      text: `FETCH ${BATCH} FROM all_rows`,
      rowMode: 'array',
    });
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await client.query('CLOSE all_rows');
}

/** @throws StoreOpenError */
export async function openPostgresFilling(url: string): Promise<Filling> {
  const client = await clientFor(url);
  await client.query('BEGIN');
  // A node that starts meanwhile waits, and finds the database filled.
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  return {
    dialect: POSTGRES,
    columns: () => columnsOf(client),
    run: (verb) => runVerb(client, verb()),
    async insert(table, columns, rows) {
      const most = Math.floor(MOST_VALUES / columns.length);
      for (let start = 0; start < rows.length; start += most) {
        const some = rows.slice(start, start + most);
        const places = some.map(
          (_, row) => `(${columns.map((__, column) => `$${row * columns.length + column + 1}`).join(', ')})`,
        );
        // oxlint-disable-next-line no-await-in-loop -- in order
        await client.query(
          `INSERT INTO ${table} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES ${places.join(', ')}`,
          some.flat().map(storable),
        );
      }
    },
    numbers: (sql) => numbersOf(client, sql),
    async settle() {
      for (const { table = '', column = '' } of await texts(client, COUNTED)) {
        // oxlint-disable-next-line no-await-in-loop -- a few
        await client.query(
          `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 0) + 1, false) FROM ${table}`,
        );
      }
    },
    commit: async () => void (await client.query('COMMIT')),
    close: () => client.end(),
  };
}
