import type { RiskSignal } from '../../domain/policy.ts';
import type { RiskSignals } from '../../ports/policies.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { endAccessTokensOfUser } from './end-access-tokens.ts';

interface RiskSignalColumns {
  readonly id: string;
  readonly user_id: string;
  readonly level: RiskSignal['level'];
  readonly reason: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const findSignals = statement(
  'risk_signals_of_user',
  'SELECT * FROM risk_signals WHERE user_id = $1 AND expires_at > $2 ORDER BY seq DESC LIMIT 100',
);
const insertSignal = statement(
  'risk_signal_insert',
  `INSERT INTO risk_signals (id, user_id, level, reason, created_by, created_at, expires_at)
   SELECT $1, users.id, $3, $4, $5, CAST($6 AS bigint), CAST($7 AS bigint) FROM users WHERE users.id = $2`,
);
const deleteSignal = statement(
  'risk_signal_delete',
  'DELETE FROM risk_signals WHERE user_id = $1 AND id = $2',
);

export function createRiskSignals(database: Database): RiskSignals {
  return {
    async ofUser(userId, at) {
      return (await database.find<RiskSignalColumns>(findSignals, userId, at)).map(toSignal);
    },
    raise: (signal, audit) =>
      database.write(function* (): Verb<boolean> {
        const { id, userId, level, reason, createdBy, createdAt, expiresAt } = signal;
        const written = yield* change(
          insertSignal,
          id,
          userId,
          level,
          nullable(reason),
          createdBy,
          createdAt,
          expiresAt,
        );
        if (written === 0) return false;
        yield* lastly(...endAccessTokensOfUser(userId, createdAt), recordAudit(audit));
        return true;
      }),
    clear: (userId, id, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteSignal, userId, id)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
  };
}

function toSignal(columns: RiskSignalColumns): RiskSignal {
  return present({
    id: columns.id,
    userId: columns.user_id,
    level: columns.level,
    reason: columns.reason,
    createdBy: columns.created_by,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
  });
}
