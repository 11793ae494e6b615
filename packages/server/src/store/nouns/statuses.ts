import type { Statuses } from '../../ports/statuses.ts';
import type { Database } from '../database.ts';
import { row, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';

const reserveBlock = statement(
  'status_block_reserve',
  'INSERT INTO status_blocks (reserved_at) VALUES ($1) RETURNING block',
);
const findBlocks = statement(
  'status_blocks_find',
  'SELECT min(block) AS oldest, max(block) AS newest FROM status_blocks',
);
const findEnded = statement(
  'ended_statuses_find',
  'SELECT status_index FROM ended_statuses WHERE status_index >= $1 AND status_index < $2',
);

export function createStatuses(database: Database): Statuses {
  return {
    async reserveBlock(at) {
      const reserved = await database.write(function* (): Verb<{ readonly block: number } | undefined> {
        return yield* row<{ readonly block: number }>(reserveBlock, at);
      });
      if (reserved === undefined) throw new Error('no block was reserved');
      return reserved.block;
    },
    async blocks() {
      const [found] = await database.find<{ oldest: number | null; newest: number | null }>(findBlocks);
      const { oldest = null, newest = null } = found ?? {};
      return oldest === null || newest === null ? undefined : { oldest, newest };
    },
    async ended(from, to) {
      const found = await database.find<{ status_index: number }>(findEnded, from, to);
      return found.map((each) => each.status_index);
    },
  };
}
