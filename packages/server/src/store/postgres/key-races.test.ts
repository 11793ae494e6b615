import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { audit, NOW, signingKey } from '../contract/samples.ts';
import { openStore } from '../open-store.ts';

describe('keys of two nodes, on PostgreSQL', () => {
  let postgres: TestPostgres;
  let store: Store;
  let other: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase();
    store = await openStore({ url, clock: () => NOW });
    other = new Client({ connectionString: url });
    await other.connect();
  });
  afterAll(async () => {
    await other.end();
    await store.close();
    await postgres.stop();
  });

  it('a key that is taken back while another node announces its successor leaves that one to sign at once', async () => {
    const [leaked, announced, spare] = [signingKey(), signingKey(), signingKey()];
    await store.signingKeys.rotate({ key: leaked, audit: audit('key.rotated') });
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO signing_keys (kid, alg, generation, public_jwk, sealed_private_key, created_at, active_from)
       VALUES ($1, $2, 2, '{}', '', $3, $4)`,
      [announced.kid, announced.alg, NOW, NOW + 600_000],
    );
    await other.query('UPDATE signing_keys SET retires_at = $2 WHERE kid = $1', [
      leaked.kid,
      NOW + 10_000_000,
    ]);
    const revoked = store.signingKeys.revoke({
      kid: leaked.kid,
      at: NOW,
      successor: spare,
      audit: audit('key.revoked'),
    });
    await expect
      .poll(async () => (await other.query('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount)
      .toBeGreaterThan(0);
    await other.query('COMMIT');
    expect(await revoked).toBe(true);
    const left = await store.signingKeys.list(NOW);
    expect(left.map(({ kid, activeFrom }) => [kid, activeFrom])).toEqual([[announced.kid, NOW]]);
  });
});
