import type { Actor } from './actor.ts';

/** One thing that happened and that somebody may have to answer for. Carries no secret. */
export interface AuditEvent {
  readonly id: string;
  readonly at: number;
  readonly type: AuditEventType;
  readonly outcome: 'success' | 'failure';
  /** Who did it: a user id, a client id, or `system`. */
  readonly actor: string;
  /** Whom or what it is about: a user, a client, an API. Absent: the first of the ids below that is there. */
  readonly subject?: string;
  /** Who acted for the subject, as the token said (RFC 8693 §4.1). */
  readonly act?: Actor;
  readonly reason?: AuditReason;
  /** Who may see it. Absent: the organization of the client, the API, the grant or the person, in this order. */
  readonly organizationId?: string;
  readonly userId?: string;
  readonly clientId?: string;
  readonly grantId?: string;
  readonly resourceId?: string;
  readonly requestId?: string;
  readonly address?: string;
  /** Facts about a person, beside the address: both stand outside of the chain and go with the account. */
  readonly personal?: Readonly<Record<string, string>>;
  /** Public facts that explain the event; never a token, code or secret. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export type AuditEventType =
  | 'sign_in'
  | 'sign_out'
  | 'factor.added'
  | 'factor.renamed'
  | 'factor.removed'
  | 'recovery_codes.created'
  | 'recovery_code.used'
  | 'passkey.copy_suspected'
  | 'consent.granted'
  | 'consent.denied'
  | 'grant.ended'
  | 'authorization_code.reused'
  | 'refresh_token.reused'
  | 'token.revoked'
  | 'token.exposed'
  | 'personal_access_token.created'
  | 'personal_access_token.updated'
  | 'personal_access_token.regenerated'
  | 'personal_access_token.revoked'
  | 'personal_access_token.approved'
  | 'personal_access_token.denied'
  | 'token_rules.updated'
  | 'policy.created'
  | 'policy.updated'
  | 'policy.deleted'
  | 'policy.refused'
  | 'policy.reported'
  | 'risk.raised'
  | 'risk.cleared'
  | 'token.leaked'
  | 'assertion.accepted'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'identity_provider.created'
  | 'identity_provider.updated'
  | 'identity_provider.deleted'
  | 'upstream_token.handed_out'
  | 'client.authentication_failed'
  | 'client.created'
  | 'client.updated'
  | 'client.deleted'
  | 'client.secret_created'
  | 'client.secret_deleted'
  | 'client_token.created'
  | 'client_token.reset'
  | 'client_token.removed'
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
  | 'user.confirmation_failed'
  | 'sign_up.requested'
  | 'recovery.requested'
  | 'email_verification.requested'
  | 'email_change.requested'
  | 'email.verified'
  | 'email.changed'
  | 'password.changed'
  | 'password_link.sent'
  | 'organization.created'
  | 'organization.updated'
  | 'organization.deleted'
  | 'member.added'
  | 'member.role_changed'
  | 'member.removed'
  | 'invitation.created'
  | 'invitation.accepted'
  | 'invitation.declined'
  | 'invitation.revoked'
  | 'key.rotated'
  | 'key.retired'
  | 'key.revoked'
  | 'database.restored';

/** Why an event came out as it did, or came about; a closed set. */
export const AUDIT_REASONS = [
  'account_disabled',
  'challenge_used',
  'client_disabled',
  'code_reuse',
  'exposed',
  'passkey_copy_suspected',
  'passkey_of_another_person',
  'redirect_uri_removed',
  'refresh_token_reuse',
  'refused_by_user',
  'reset_by_admin',
  'revoked_by_admin',
  'revoked_by_client',
  'revoked_by_holder',
  'revoked_by_owner',
  'too_many_codes',
  'unknown_account',
  'unknown_client',
  'unknown_passkey',
  'unreadable_answer',
  'unused',
  'used_code',
  'wrong_code',
  'wrong_credentials',
  'wrong_passkey',
  'wrong_password',
  'wrong_recovery_code',
] as const;

export type AuditReason = (typeof AUDIT_REASONS)[number];
