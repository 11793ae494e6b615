// What the tables say of what may be there once: read beside the server, whatever it would answer.
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';

const DOUBLED: Readonly<Record<string, string>> = {
  'a family with two live refresh tokens': `SELECT COUNT(*) AS count FROM (SELECT family_id FROM refresh_tokens
    WHERE rotated_at IS NULL GROUP BY family_id HAVING COUNT(*) > 1) AS doubled`,
  'a grant with two families': `SELECT COUNT(*) AS count FROM (SELECT grant_id FROM refresh_families
    GROUP BY grant_id HAVING COUNT(*) > 1) AS doubled`,
};

/** @returns what is there twice, in words */
export async function doubled(databaseUrl: string): Promise<readonly string[]> {
  const count = databaseUrl.startsWith('sqlite:') ? countInSqlite : countInPostgres;
  const found: string[] = [];
  for (const [what, sql] of Object.entries(DOUBLED)) {
    // oxlint-disable-next-line no-await-in-loop -- two questions
    const times = await count(databaseUrl, sql);
    if (times > 0) found.push(`${what}: ${times}`);
  }
  return found;
}

async function countInSqlite(url: string, sql: string): Promise<number> {
  const database = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true });
  try {
    return Number(database.prepare(sql).get()?.['count'] ?? Number.NaN);
  } finally {
    database.close();
  }
}

async function countInPostgres(url: string, sql: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly count: string }>(sql);
    return Number(rows[0]?.count ?? Number.NaN);
  } finally {
    await client.end();
  }
}
