import type { ClientSecretUses } from '../../ports/client-secret-uses.ts';
import { present } from '../columns.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';

const recordUse = statement(
  'client_secret_use_record',
  `INSERT INTO client_secret_uses (client_id, secret_id, last_used_at, last_used_from)
   SELECT client_id, id, CAST($3 AS bigint), CAST($4 AS text) FROM client_secrets WHERE client_id = $1 AND id = $2
   ON CONFLICT (client_id, secret_id) DO UPDATE SET last_used_at = excluded.last_used_at, last_used_from = excluded.last_used_from
     WHERE client_secret_uses.last_used_at < excluded.last_used_at`,
);
const findUses = statement(
  'client_secret_use_find',
  'SELECT secret_id, last_used_at, last_used_from FROM client_secret_uses WHERE client_id = $1',
);

interface UseColumns {
  readonly secret_id: string;
  readonly last_used_at: number;
  readonly last_used_from: string | null;
}

export function createClientSecretUses(database: Database): ClientSecretUses {
  return {
    record: (uses) =>
      database.write(function* () {
        // In one order on every node, so that none waits for another in a circle.
        const ordered = uses.toSorted((left, right) => (left.secretId < right.secretId ? -1 : 1));
        yield* lastly(
          ...ordered.map(({ clientId, secretId, at, from }) => step(recordUse, clientId, secretId, at, from)),
        );
      }),
    async lastUses(clientId) {
      const found = await database.find<UseColumns>(findUses, clientId);
      return new Map(
        found.map(({ secret_id: id, last_used_at: at, last_used_from: from }) => [id, present({ at, from })]),
      );
    },
  };
}
