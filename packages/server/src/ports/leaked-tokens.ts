import type { AuditEvent } from '../domain/audit-event.ts';
import type { SealedMail } from '../domain/mail-message.ts';

/** What goes with an end: the audit event, and mails to those whose token it was. One transaction. */
export interface LeakEnd {
  /** Milliseconds. */
  readonly at: number;
  readonly audit: AuditEvent;
  readonly mails: readonly SealedMail[];
}

/** Ends what somebody found elsewhere. Each verb answers false, and writes nothing, for what had ended before. */
export interface LeakedTokens {
  endAccessToken(id: Uint8Array, end: LeakEnd): Promise<boolean>;
  /** A refresh token takes everything of its grant with it. */
  endGrant(grantId: string, end: LeakEnd): Promise<boolean>;
  /** @param hash SHA-256 of a client secret */
  findSecret(hash: Uint8Array): Promise<{ readonly clientId: string; readonly secretId: string } | undefined>;
  endSecret(secret: { readonly clientId: string; readonly secretId: string }, end: LeakEnd): Promise<boolean>;
  /** @param hash SHA-256 of a registration access token @returns the client that it manages */
  findRegistration(hash: Uint8Array): Promise<string | undefined>;
  /** Nobody manages the client by it any more. */
  endRegistration(clientId: string, hash: Uint8Array, end: LeakEnd): Promise<boolean>;
}
