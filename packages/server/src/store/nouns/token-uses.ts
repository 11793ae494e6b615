import type { TokenUse } from '../../domain/token-use.ts';
import type { TokenUses } from '../../ports/token-uses.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';

/** As columns of a row that may have none: all NULL then. */
export interface TokenUseColumns {
  readonly used_at: number | null;
  readonly used_by: string | null;
  readonly used_from: string | null;
  readonly used_with: string | null;
}

const recordUse = statement(
  'token_use_record',
  `INSERT INTO token_uses (token_id, used_at, used_by, used_from, used_with, forget_at)
   VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (token_id) DO UPDATE SET used_at = excluded.used_at, used_by = excluded.used_by,
     used_from = excluded.used_from, used_with = excluded.used_with, forget_at = excluded.forget_at
     WHERE token_uses.used_at < excluded.used_at`,
);
const findUse = statement(
  'token_use_find',
  'SELECT used_at, used_by, used_from, used_with FROM token_uses WHERE token_id = $1',
);

export function createTokenUses(database: Database): TokenUses {
  return {
    record: (uses) =>
      database.write(function* () {
        // In one order on every node, so that none waits for another in a circle.
        const ordered = uses.toSorted((left, right) => Buffer.compare(left.tokenId, right.tokenId));
        yield* lastly(
          ...ordered.map(({ tokenId, at, by, address, userAgent, forgetAt }) =>
            step(recordUse, tokenId, at, by, nullable(address), nullable(userAgent), forgetAt),
          ),
        );
      }),
    async find(tokenId) {
      const [found] = await database.find<TokenUseColumns>(findUse, tokenId);
      return found === undefined ? undefined : toTokenUse(found);
    },
  };
}

/** @returns undefined for a token that was never asked about */
export function toTokenUse(columns: TokenUseColumns): TokenUse | undefined {
  const { used_at: at, used_by: by, used_from: address, used_with: userAgent } = columns;
  if (at === null || by === null) return undefined;
  return present({ at, by, address, userAgent });
}
