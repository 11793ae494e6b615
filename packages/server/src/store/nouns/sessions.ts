import type { Session } from '../../domain/session.ts';
import type { Sessions } from '../../ports/sessions.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, row, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { signOutSteps } from './sign-out.ts';

interface SessionColumns {
  readonly id: string;
  /** NULL in rows from before there was one. */
  readonly sid: string | null;
  readonly user_id: string;
  readonly auth_time: number;
  readonly amr: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly user_agent: string | null;
  readonly address: string | null;
  readonly ended_at: number | null;
  readonly last_seen_at: number | null;
}

const findLiveSession = statement(
  'session_find',
  `SELECT * FROM sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2
     AND (SELECT users.status = 'active' FROM users WHERE users.id = sessions.user_id)`,
);
// Shared between sign-ins, and in the way of whoever changes the account: that waits, and ends what was begun here.
const IS_AS_PROVEN = `SELECT id FROM users
   WHERE id = $1 AND status = 'active' AND password_hash IS NOT DISTINCT FROM CAST($2 AS TEXT)`;
const lockProven = statement('session_lock_proven', IS_AS_PROVEN, `${IS_AS_PROVEN} FOR SHARE`);
const insertSession = statement(
  'session_insert',
  `INSERT INTO sessions (id, user_id, auth_time, amr, created_at, expires_at, user_agent, address, ended_at, sid)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);
const endSession = statement(
  'session_end',
  'UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL',
);

const listLive = statement(
  'session_list_live',
  `SELECT * FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
   ORDER BY created_at DESC LIMIT 100`,
);
const noteSeen = statement(
  'session_seen',
  // Another node may have seen it later.
  'UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND ended_at IS NULL AND coalesce(last_seen_at, 0) < $2',
);
const extendClients = statement(
  'session_extend_clients',
  'UPDATE session_clients SET expires_at = $2 WHERE sid = $1',
);

export function createSessions(database: Database): Sessions {
  return {
    start: (session, replaces, audit, proven) =>
      database.write(function* (): Verb<boolean> {
        if (proven !== undefined) {
          const hash = nullable(proven.passwordHash);
          if ((yield* row(lockProven, session.userId, hash)) === undefined) return false;
        }
        yield* lastly(
          replaces === undefined ? undefined : step(endSession, replaces.id, session.createdAt),
          ...followSteps(session, replaces),
          step(
            insertSession,
            session.id,
            session.userId,
            session.authTime,
            toJson(session.amr),
            session.createdAt,
            session.expiresAt,
            nullable(session.userAgent),
            nullable(session.address),
            nullable(session.endedAt),
            session.sid,
          ),
          recordAudit(audit),
        );
        return true;
      }),

    async find(id, now) {
      const [found] = await database.find<SessionColumns>(findLiveSession, id, now);
      return found === undefined ? undefined : toSession(found);
    },

    async listOf(userId, now) {
      return (await database.find<SessionColumns>(listLive, userId, now)).map(toSession);
    },

    recordSeen: (seen) =>
      database.write(function* () {
        yield* lastly(...seen.map(({ id, at }) => step(noteSeen, id, at)));
      }),

    end: ({ id, sid }, at, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(endSession, id, at)) === 0) return false;
        yield* lastly(...signOutSteps(sid, at), recordAudit(audit));
        return true;
      }),
  };
}

/** A second sign-in of the same person goes on with the session that apps know; any other ends it. */
function followSteps(session: Session, replaces: Session | undefined): readonly Step[] {
  if (replaces === undefined) return [];
  return replaces.sid === session.sid
    ? [step(extendClients, session.sid, session.expiresAt)]
    : signOutSteps(replaces.sid, session.createdAt);
}

function toSession(columns: SessionColumns): Session {
  return present({
    id: columns.id,
    sid: columns.sid ?? columns.id,
    userId: columns.user_id,
    authTime: columns.auth_time,
    amr: fromJson<string[]>(columns.amr),
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
    userAgent: columns.user_agent,
    address: columns.address,
    endedAt: columns.ended_at,
    lastSeenAt: columns.last_seen_at,
  });
}
