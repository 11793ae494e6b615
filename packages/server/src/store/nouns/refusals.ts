import type { Refusal } from '../../domain/refusal.ts';
import type { Refusals } from '../../ports/refusals.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { listPage, ofClientsOf } from '../list-page.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Statement, Value } from '../statement.ts';

interface RefusalColumns {
  readonly seq: number;
  readonly request_id: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly detail: string | null;
  readonly client_id: string | null;
  readonly user_id: string | null;
  readonly token_id: Uint8Array | null;
  readonly address: string;
  readonly redirect_uri: string | null;
}

const refusals = insertion('refusals', {
  request_id: 'text',
  at: 'integer',
  method: 'text',
  path: 'text',
  status: 'integer',
  error: 'text',
  description: 'text',
  detail: 'text',
  client_id: 'text',
  user_id: 'text',
  token_id: 'bytes',
  address: 'text',
  redirect_uri: 'text',
});

/** A batch is one transaction; small, so that no token waits long behind it. */
const BATCH = 500;

const deleteOld = statement(
  'refusals_delete_old',
  `DELETE FROM refusals WHERE seq IN (SELECT seq FROM refusals WHERE at <= $1 LIMIT ${BATCH})`,
);
const deleteSurplus = statement(
  'refusals_delete_surplus',
  `DELETE FROM refusals WHERE seq IN (
     SELECT seq FROM refusals WHERE seq <= (SELECT max(seq) FROM refusals) - $1 ORDER BY seq LIMIT ${BATCH})`,
);

export function createRefusals(database: Database): Refusals {
  const inBatches = async (deletion: Statement, limit: number): Promise<number> => {
    let total = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- other writes get their turn between two batches
      const deleted = await database.write(() => change(deletion, limit));
      total += deleted;
      if (deleted < BATCH) return total;
    }
  };
  return {
    async record(batch) {
      if (batch.length === 0) return;
      await database.write(function* () {
        yield* lastly(...batch.map((refusal) => step(refusals.statement, ...values(refusal))));
      });
    },
    list: (filter, page) =>
      listPage<RefusalColumns, Refusal>(
        database,
        {
          name: 'refusals',
          table: 'refusals',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          where: [
            ['request_id = $', filter.requestId],
            ['client_id = $', filter.clientId],
            ofClientsOf(filter.organizationIds),
            ['token_id = $', filter.tokenId],
          ],
          toItems: (rows) => rows.map(toRefusal),
        },
        page,
      ),
    async purge(before, keep) {
      const old = await inBatches(deleteOld, before);
      return old + (await inBatches(deleteSurplus, keep));
    },
  };
}

function values(refusal: Refusal): readonly Value[] {
  return [
    refusal.requestId,
    refusal.at,
    refusal.method,
    refusal.path,
    refusal.status,
    refusal.error,
    refusal.description,
    nullable(refusal.detail),
    nullable(refusal.clientId),
    nullable(refusal.userId),
    nullable(refusal.tokenId),
    refusal.address,
    nullable(refusal.redirectUri),
  ];
}

function toRefusal(columns: RefusalColumns): Refusal {
  return present({
    requestId: columns.request_id,
    at: columns.at,
    method: columns.method,
    path: columns.path,
    status: columns.status,
    error: columns.error,
    description: columns.description,
    detail: columns.detail,
    clientId: columns.client_id,
    userId: columns.user_id,
    tokenId: columns.token_id,
    address: columns.address,
    redirectUri: columns.redirect_uri,
  });
}
