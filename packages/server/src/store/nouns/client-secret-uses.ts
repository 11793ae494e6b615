import type { ClientSecretUses } from '../../ports/client-secret-uses.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';

const recordUse = statement(
  'client_secret_use_record',
  `INSERT INTO client_secret_uses (client_id, secret_id, last_used_at)
   SELECT client_id, id, CAST($3 AS bigint) FROM client_secrets WHERE client_id = $1 AND id = $2
   ON CONFLICT (client_id, secret_id) DO UPDATE SET last_used_at = excluded.last_used_at
     WHERE client_secret_uses.last_used_at < excluded.last_used_at`,
);
const findUses = statement(
  'client_secret_use_find',
  'SELECT secret_id, last_used_at FROM client_secret_uses WHERE client_id = $1',
);

export function createClientSecretUses(database: Database): ClientSecretUses {
  return {
    record: (uses) =>
      database.write(function* () {
        // In one order on every node, so that none waits for another in a circle.
        const ordered = uses.toSorted((left, right) => (left.secretId < right.secretId ? -1 : 1));
        yield* lastly(
          ...ordered.map(({ clientId, secretId, at }) => step(recordUse, clientId, secretId, at)),
        );
      }),
    async lastUses(clientId) {
      const found = await database.find<{ secret_id: string; last_used_at: number }>(findUses, clientId);
      return new Map(found.map((use) => [use.secret_id, use.last_used_at]));
    },
  };
}
