import type { Value } from '../statement.ts';
import { connect } from '../postgres/open-postgres.ts';
import { PARSERS } from '../postgres/query.ts';
import type { Beside } from './boxes.ts';

/** @throws StoreOpenError */
export async function openPostgresBeside(url: string): Promise<Beside> {
  const client = await connect({
    connectionString: url,
    types: PARSERS,
    application_name: 'tessera rewrap',
    connectionTimeoutMillis: 5000,
  });
  return {
    rows: async (sql, ...values) => (await client.query<Readonly<Record<string, Value>>>(sql, values)).rows,
    change: async (sql, ...values) => (await client.query(sql, values)).rowCount ?? 0,
    close: () => client.end(),
  };
}
