import type { AuditEvent } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';

export interface Sessions {
  /** Starts a session and, in the same transaction, ends the one it replaces. */
  start(session: Session, replaces: string | undefined, audit: AuditEvent): Promise<void>;
  /** The session if it is live at `now` and its user is active. */
  find(id: string, now: number): Promise<Session | undefined>;
  end(id: string, at: number, audit: AuditEvent): Promise<boolean>;
}
