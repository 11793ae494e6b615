import type { AuditEvent } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';

export interface Sessions {
  /** How long a session lives from its sign-in on; absent: as the rules say. */
  readonly absoluteMs?: number;
  /**
   * Starts a session and, in the same transaction, ends the one it replaces; where that has another `sid`, as if its
   * person had signed out.
   * @param proven the account as it was when the person proved who they are: if it is disabled or has another password
   * by now, nothing is written. Absent: whatever it is now
   * @returns whether there is a session
   */
  start(
    session: Session,
    replaces: Session | undefined,
    audit: AuditEvent,
    proven?: Pick<User, 'passwordHash'>,
  ): Promise<boolean>;
  /**
   * The session if it is live at `now` and its user is active.
   * @param unattended asked by a page that nobody is at: no use of the session
   */
  find(id: string, now: number, unattended?: boolean): Promise<Session | undefined>;
  /**
   * Signs out: ends the session, ends grants with `openid` and without `offline_access` that were made in it, and
   * writes a notice for each client that wants one. False if it had ended before.
   */
  end(session: Session, at: number, audit: AuditEvent): Promise<boolean>;
  /** The person's live sessions, the newest hundred, newest first. */
  listOf(userId: string, now: number): Promise<readonly Session[]>;
  /** Writes down when sessions were last seen, unless they have ended. */
  recordSeen(seen: readonly { readonly id: string; readonly at: number }[]): Promise<void>;
}
