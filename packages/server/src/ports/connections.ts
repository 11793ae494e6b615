import type { AuditEvent } from '../domain/audit-event.ts';
import type { Connection, Disconnection } from '../domain/connection.ts';

/** The apps that a person let in. */
export interface Connections {
  /** Newest first. @param now milliseconds */
  list(userId: string, now: number): Promise<readonly Connection[]>;
  /**
   * Ends every grant of the person for the app with all that hangs from it, and forgets the consents.
   * @returns undefined, with nothing written, if the person had not let it in
   */
  disconnect(
    userId: string,
    clientId: string,
    at: number,
    audit: (ended: Disconnection) => AuditEvent,
  ): Promise<Disconnection | undefined>;
  /** Notes when grants last got a token; a use before the last one that is known changes nothing. */
  recordUses(uses: readonly GrantUse[]): Promise<void>;
  block(userId: string, clientId: string, at: number, audit: AuditEvent): Promise<void>;
  /** False if it was not blocked. */
  unblock(userId: string, clientId: string, audit: AuditEvent): Promise<boolean>;
  isBlocked(userId: string, clientId: string): Promise<boolean>;
  /** Newest first. */
  blocked(userId: string): Promise<readonly BlockedClient[]>;
}

export interface GrantUse {
  readonly grantId: string;
  /** Milliseconds. */
  readonly at: number;
}

export interface BlockedClient {
  readonly clientId: string;
  /** Milliseconds. */
  readonly at: number;
}
