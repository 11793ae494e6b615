import type { InitialAccessToken } from '../../domain/initial-access-token.ts';
import type { InitialAccessTokens } from '../../ports/initial-access-tokens.ts';
import type { Database } from '../database.ts';
import { listPage } from '../list-page.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';

interface InitialAccessTokenColumns {
  readonly seq: number;
  readonly id: string;
  readonly hash: Uint8Array;
  readonly hint: string;
  readonly name: string;
  readonly organization_id: string;
  readonly max_uses: number;
  readonly uses: number;
  readonly created_at: number;
  readonly expires_at: number;
}

const insertToken = statement(
  'initial_token_insert',
  `INSERT INTO initial_access_tokens (id, hash, hint, name, organization_id, max_uses, uses, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);
const findToken = statement('initial_token_find', 'SELECT * FROM initial_access_tokens WHERE hash = $1');
const deleteToken = statement('initial_token_delete', 'DELETE FROM initial_access_tokens WHERE id = $1');
const spendToken = statement(
  'initial_token_spend',
  'UPDATE initial_access_tokens SET uses = uses + 1 WHERE hash = $1 AND uses < max_uses AND expires_at > $2',
);

export function createInitialAccessTokens(database: Database): InitialAccessTokens {
  return {
    create: (token, audit) =>
      database.write(function* () {
        yield* lastly(
          step(
            insertToken,
            token.id,
            token.hash,
            token.hint,
            token.name,
            token.organizationId,
            token.maxUses,
            token.uses,
            token.createdAt,
            token.expiresAt,
          ),
          recordAudit(audit),
        );
      }),

    async findByHash(hash) {
      const [found] = await database.find<InitialAccessTokenColumns>(findToken, hash);
      return found === undefined ? undefined : toInitialAccessToken(found);
    },

    delete: (id, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteToken, id)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),

    list: (page) =>
      listPage<InitialAccessTokenColumns, InitialAccessToken>(
        database,
        {
          name: 'initial_access_tokens',
          table: 'initial_access_tokens',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          toItems: (rows) => rows.map(toInitialAccessToken),
        },
        page,
      ),
  };
}

/** One use of the token, in one conditional write; false if there is none left at `at`. */
export function* spendInitialAccessToken(hash: Uint8Array, at: number): Verb<boolean> {
  return (yield* change(spendToken, hash, at)) === 1;
}

function toInitialAccessToken(columns: InitialAccessTokenColumns): InitialAccessToken {
  return {
    id: columns.id,
    hash: columns.hash,
    hint: columns.hint,
    name: columns.name,
    organizationId: columns.organization_id,
    maxUses: columns.max_uses,
    uses: columns.uses,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
  };
}
