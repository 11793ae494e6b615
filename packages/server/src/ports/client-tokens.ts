import type { AuditEvent } from '../domain/audit-event.ts';
import type { ClientToken } from '../domain/client-token.ts';

/** The public tokens of clients. One is the client's; the one before it may be good a little longer. */
export interface ClientTokens {
  find(id: Uint8Array): Promise<ClientToken | undefined>;
  /** Those that are good at a time (milliseconds), the newest first. */
  ofClient(clientId: string, at: number): Promise<readonly ClientToken[]>;
  /**
   * The new token takes the place of the one there was, in one transaction. What ends by it is announced.
   * @param previousEndsAt until when the one it replaces stays good; those before that one end at once
   * @returns false if the client is gone
   */
  replace(token: ClientToken, previousEndsAt: number, audit: AuditEvent): Promise<boolean>;
  /** The client has none any more, from now on. @returns false if it had none */
  end(clientId: string, audit: AuditEvent): Promise<boolean>;
  /** A use before the last one that is known, or of a token that is gone, changes nothing. */
  recordUses(uses: readonly ClientTokenUse[]): Promise<void>;
}

export interface ClientTokenUse {
  readonly id: Uint8Array;
  /** Milliseconds. */
  readonly at: number;
}
