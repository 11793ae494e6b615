import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toSqlite } from '../sqlite/sqlite-database.ts';
import { statement } from '../statement.ts';
import type { Value } from '../statement.ts';
import { StoreOpenError } from '../store-open-error.ts';
import type { Beside } from './boxes.ts';

/** Opens a database that a server may be using; each change is a transaction of its own. @throws StoreOpenError */
export async function openBeside(url: string): Promise<Beside> {
  if (!url.startsWith('sqlite:')) {
    const { openPostgresBeside } = await import('./postgres-beside.ts');
    return openPostgresBeside(url);
  }
  const file = resolve(url.slice('sqlite:'.length));
  if (!existsSync(file)) throw new StoreOpenError('bad_url', `There is no database in ${file}.`);
  // The server waits for a moment where both write.
  const connection = new DatabaseSync(file, { timeout: 5000 });
  connection.exec('PRAGMA synchronous = FULL');
  const prepare = (sql: string) => connection.prepare(toSqlite(statement('beside', sql)));
  return {
    async rows(sql, ...values) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- text, numbers and bytes are all that tables hold
      return prepare(sql).all(...values) as unknown as readonly Readonly<Record<string, Value>>[];
    },
    change: async (sql, ...values) => Number(prepare(sql).run(...values).changes),
    close: async () => connection.close(),
  };
}
