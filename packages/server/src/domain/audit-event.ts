/** One thing that happened and that somebody may have to answer for. Carries no secret. */
export interface AuditEvent {
  readonly id: string;
  readonly at: number;
  readonly type: AuditEventType;
  readonly outcome: 'success' | 'failure';
  /** Who did it: a user id, a client id, or `system`. */
  readonly actor: string;
  readonly userId?: string;
  readonly clientId?: string;
  readonly grantId?: string;
  readonly resourceId?: string;
  readonly requestId?: string;
  readonly address?: string;
  /** Public facts that explain the event; never a token, code or secret. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export type AuditEventType =
  | 'sign_in'
  | 'sign_out'
  | 'consent.granted'
  | 'consent.denied'
  | 'grant.ended'
  | 'authorization_code.reused'
  | 'refresh_token.reused'
  | 'token.revoked'
  | 'token.exposed'
  | 'assertion.accepted'
  | 'identity.linked'
  | 'client.authentication_failed'
  | 'client.created'
  | 'client.updated'
  | 'client.deleted'
  | 'client.secret_created'
  | 'client.secret_deleted'
  | 'initial_access_token.created'
  | 'initial_access_token.deleted'
  | 'resource.created'
  | 'resource.updated'
  | 'resource.deleted'
  | 'resource.cat_key_read'
  | 'trusted_issuer.created'
  | 'trusted_issuer.updated'
  | 'trusted_issuer.deleted'
  | 'user.created'
  | 'user.updated'
  | 'user.deleted'
  | 'application.disconnected'
  | 'application.blocked'
  | 'application.unblocked'
  | 'agent.created'
  | 'agent.updated'
  | 'agent.stopped'
  | 'agent.resumed'
  | 'agent.confirmed'
  | 'agent.secret_rotated'
  | 'agent.deleted'
  | 'key.rotated'
  | 'key.retired';
