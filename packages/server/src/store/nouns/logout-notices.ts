import type { LogoutNotice } from '../../domain/logout-notice.ts';
import type { LogoutNotices } from '../../ports/logout-notices.ts';
import { nullable } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, rows, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';

interface NoticeColumns {
  readonly sid: string;
  readonly client_id: string;
  readonly user_id: string;
  readonly attempts: number;
}

const claimDue = (notExcepted: string, lock: string): string =>
  `UPDATE logout_notices SET attempts = attempts + 1, next_attempt_at = $2
   WHERE (sid, client_id) IN (SELECT sid, client_id FROM logout_notices
     WHERE next_attempt_at <= $1 AND (CAST($4 AS TEXT) IS NULL OR sid = $4) AND ${notExcepted}
     ORDER BY next_attempt_at LIMIT $3 ${lock})
   RETURNING sid, client_id, user_id, attempts`;
// Whoever moves the time has the notice: of two nodes that claim at once, one finds it moved.
const claimNotices = statement(
  'logout_notices_claim',
  claimDue('client_id NOT IN (SELECT value FROM json_each($5))', ''),
  claimDue(
    'client_id <> ALL (ARRAY(SELECT jsonb_array_elements_text(CAST($5 AS jsonb))))',
    'FOR UPDATE SKIP LOCKED',
  ),
);
const dropNotice = statement(
  'logout_notice_drop',
  'DELETE FROM logout_notices WHERE sid = $1 AND client_id = $2',
);
const postponeNotice = statement(
  'logout_notice_postpone',
  'UPDATE logout_notices SET next_attempt_at = $3 WHERE sid = $1 AND client_id = $2',
);
const giveNoticeBack = statement(
  'logout_notice_give_back',
  'UPDATE logout_notices SET next_attempt_at = $3, attempts = attempts - 1 WHERE sid = $1 AND client_id = $2',
);

export function createLogoutNotices(database: Database): LogoutNotices {
  return {
    claim: ({ at, retryAt, limit, sid, except = [] }) =>
      database.write(function* (): Verb<readonly LogoutNotice[]> {
        const claimed = yield* rows<NoticeColumns>(
          claimNotices,
          at,
          retryAt,
          limit,
          nullable(sid),
          JSON.stringify(except),
        );
        return claimed.map(toNotice);
      }),
    drop: ({ sid, clientId }) =>
      database.write(function* () {
        yield* change(dropNotice, sid, clientId);
      }),
    postpone: ({ sid, clientId }, until) =>
      database.write(function* () {
        yield* change(postponeNotice, sid, clientId, until);
      }),
    giveBack: ({ sid, clientId }, until) =>
      database.write(function* () {
        yield* change(giveNoticeBack, sid, clientId, until);
      }),
  };
}

function toNotice(columns: NoticeColumns): LogoutNotice {
  return {
    sid: columns.sid,
    clientId: columns.client_id,
    userId: columns.user_id,
    attempts: columns.attempts,
  };
}
