import type { ClientToken } from '../../domain/client-token.ts';
import type { ClientTokens } from '../../ports/client-tokens.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { announceClientTokens } from './announce.ts';
import { recordAudit } from './audit.ts';

interface ClientTokenColumns {
  readonly id: Uint8Array;
  readonly client_id: string;
  readonly sealed: Uint8Array;
  readonly hint: string;
  readonly created_at: number;
  readonly ends_at: number | null;
  readonly last_used_at: number | null;
}

/** An ended one is kept for a day, so that "revoked" can be told from "unknown". */
const RETENTION_MS = 24 * 3600 * 1000;

const findToken = statement('client_token_find', 'SELECT * FROM client_tokens WHERE id = $1');
const findOfClient = statement(
  'client_token_find_of_client',
  `SELECT * FROM client_tokens WHERE client_id = $1 AND (ends_at IS NULL OR ends_at > $2)
   ORDER BY created_at DESC, ends_at IS NULL DESC`,
);
const lockClient = lockingStatement('client_token_lock_client', 'SELECT id FROM clients WHERE id = $1');
const endEarlier = statement(
  'client_token_end_earlier',
  'UPDATE client_tokens SET ends_at = $2 WHERE client_id = $1 AND ends_at > $2',
);
const endCurrent = statement(
  'client_token_end_current',
  'UPDATE client_tokens SET ends_at = $2 WHERE client_id = $1 AND ends_at IS NULL',
);
const forgetOld = statement(
  'client_token_forget',
  `DELETE FROM client_tokens WHERE client_id = $1 AND ends_at <= CAST($2 AS bigint) - ${RETENTION_MS}`,
);
const insertToken = statement(
  'client_token_insert',
  `INSERT INTO client_tokens (id, client_id, sealed, hint, created_at, ends_at, last_used_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const recordUse = statement(
  'client_token_record_use',
  `UPDATE client_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
);

export function createClientTokens(database: Database): ClientTokens {
  return {
    async find(id) {
      const [found] = await database.find<ClientTokenColumns>(findToken, id);
      return found === undefined ? undefined : toClientToken(found);
    },

    async ofClient(clientId, at) {
      const found = await database.find<ClientTokenColumns>(findOfClient, clientId, at);
      return found.map(toClientToken);
    },

    replace: (token, previousEndsAt, audit) =>
      database.write(function* (): Verb<boolean> {
        const { clientId, createdAt: at } = token;
        if ((yield* row(lockClient, clientId)) === undefined) return false;
        yield* change(endEarlier, clientId, at);
        yield* change(endCurrent, clientId, Math.max(previousEndsAt, at));
        yield { steps: announceClientTokens(clientId, at), last: false };
        yield* change(forgetOld, clientId, at);
        yield* lastly(step(insertToken, ...values(token)), recordAudit(audit));
        return true;
      }),

    end: (clientId, audit) =>
      database.write(function* (): Verb<boolean> {
        yield* row(lockClient, clientId);
        const earlier = yield* change(endEarlier, clientId, audit.at);
        const current = yield* change(endCurrent, clientId, audit.at);
        if (earlier + current === 0) return false;
        yield* lastly(...announceClientTokens(clientId, audit.at), recordAudit(audit));
        return true;
      }),

    recordUses: (uses) =>
      database.write(function* () {
        // In one order on every node, so that none waits for another in a circle.
        const ordered = uses.toSorted((left, right) => Buffer.compare(left.id, right.id));
        yield* lastly(...ordered.map(({ id, at }) => step(recordUse, id, at)));
      }),
  };
}

function values(token: ClientToken) {
  return [
    token.id,
    token.clientId,
    token.sealed,
    token.hint,
    token.createdAt,
    nullable(token.endsAt),
    nullable(token.lastUsedAt),
  ];
}

function toClientToken(columns: ClientTokenColumns): ClientToken {
  return present({
    id: columns.id,
    clientId: columns.client_id,
    sealed: columns.sealed,
    hint: columns.hint,
    createdAt: columns.created_at,
    endsAt: columns.ends_at,
    lastUsedAt: columns.last_used_at,
  });
}
