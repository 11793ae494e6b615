/** Databases that are full of live tokens, written in bulk: nobody waits for two million requests. */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { lookupOf } from '../packages/server/src/store/nouns/lookup.ts';
import { APP, LIFETIME_SECONDS, SCOPE } from './servers/contestant.ts';

const ROWS_AT_ONCE = 100_000;

/** Of opaque tokens of the app, all of them alive for an hour. */
const rowAt = (now: number) => ({
  clientId: APP.id,
  scopes: SCOPE,
  issuedAt: now,
  expiresAt: now + LIFETIME_SECONDS * 1000,
});

/** @param file made and migrated by a server that has ended */
export function seedSqlite(file: string, count: number): void {
  const database = new DatabaseSync(file);
  const { clientId, scopes, issuedAt, expiresAt } = rowAt(Date.now());
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const insert = database.prepare(
    `INSERT INTO access_tokens (lookup, id, format, client_id, scopes, issued_at, expires_at, lifetime_reason)
     VALUES (?, ?, 'opaque', ?, ?, ?, ?, 'standard')`,
  );
  for (let made = 0; made < count; made += 1) {
    const id = randomBytes(32);
    insert.run(lookupOf(id), id, clientId, scopes, issuedAt, expiresAt);
  }
  // As the server would have moved them, in batches.
  database.exec(`
    DELETE FROM access_tokens_by_lookup;
    INSERT INTO access_tokens_by_lookup SELECT lookup, seq FROM access_tokens ORDER BY lookup;
    UPDATE meta SET value = (SELECT max(seq) FROM access_tokens) WHERE key = 'access_tokens_in_index';
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE);
  `);
  database.close();
}

/** @param url of a database that a server has migrated */
export async function seedPostgres(url: string, count: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { clientId, scopes, issuedAt, expiresAt } = rowAt(Date.now());
  for (let made = 0; made < count; made += ROWS_AT_ONCE) {
    // oxlint-disable-next-line no-await-in-loop -- one piece after the other
    await client.query(
      `INSERT INTO access_tokens (lookup, id, format, client_id, scopes, issued_at, expires_at, lifetime_reason)
       SELECT ('x' || substr(hash, 1, 12))::bit(48)::bigint, decode(hash, 'hex'), 'opaque', $1, $2, $3, $4, 'standard'
       FROM (SELECT md5(random()::text) || md5(random()::text) AS hash FROM generate_series(1, $5)) AS hashes`,
      [clientId, scopes, issuedAt, expiresAt, Math.min(ROWS_AT_ONCE, count - made)],
    );
  }
  // As the database does by itself within a minute.
  await client.query('VACUUM ANALYZE access_tokens');
  await client.end();
}
