import type { AuditEvent } from '../domain/audit-event.ts';
import type { Client } from '../domain/client.ts';

/** Clients that registered themselves, and what lets them manage their registration (RFC 7591, RFC 7592). */
export interface Registrations {
  /**
   * Writes the client and the hash of its registration access token, and counts the use of the initial access token,
   * in one transaction.
   * @returns false if the initial access token is unknown, used up or over at `at`; then nothing is written
   */
  create(registration: {
    readonly client: Client;
    /** SHA-256 of the registration access token. */
    readonly tokenHash: Uint8Array;
    readonly initialTokenHash?: Uint8Array;
    readonly at: number;
    readonly audit: AuditEvent;
  }): Promise<boolean>;

  /** SHA-256 of the token that manages the client; undefined: nobody manages it. */
  findTokenHash(clientId: string): Promise<Uint8Array | undefined>;

  /**
   * Replaces the client and its registration access token together.
   * @param before as it was read, ahead of the token: whoever changed the token since has changed the client, too
   * @returns false if the client is not `before` any more
   */
  replace(replacement: {
    readonly client: Client;
    readonly before: Client;
    readonly tokenHash: Uint8Array;
    readonly audit: AuditEvent;
  }): Promise<boolean>;

  /** Writes what a metadata document says of its client; whether the client is active stays as the operator set it. */
  keepDocument(client: Client, audit: AuditEvent): Promise<void>;

  /**
   * Deletes clients that registered themselves, have been left alone since `unusedSince`, and have neither consent
   * nor live grant at `now`.
   * @returns their ids
   */
  sweep(
    unusedSince: number,
    now: number,
    audit: (clientId: string) => AuditEvent,
  ): Promise<readonly string[]>;
}
