/**
 * Invitations to an organization: a link by mail, good once, for a week at most, and for the one person whose confirmed
 * address was invited. Who invited must still be allowed to when it is accepted.
 * @spec OWASP ASVS 5.0 §6.4.3, §6.5.1
 */
import { createTokenString, hashTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { type Action, may } from '../access/authority.ts';
import type { AuditEvent, AuditEventType } from '../domain/audit-event.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { OrganizationRole } from '../domain/membership.ts';
import type { Organization } from '../domain/organization.ts';
import type { User } from '../domain/user.ts';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { Invitations } from '../ports/invitations.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { MailDraft } from '../ports/outbox.ts';
import type { Users } from '../ports/users.ts';
import { createAuditEventId } from './audit-event-id.ts';

export interface InvitationPorts {
  readonly invitations: Invitations;
  readonly memberships: Memberships;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly users: Pick<Users, 'find'>;
  readonly random: Random;
}

/** The request in which something is done. */
interface Occasion {
  /** Milliseconds. */
  readonly at: number;
  readonly address: string;
  readonly requestId: string;
}

/** What of the members is needed to give somebody a role, or to take it. */
export function actionToManage(role: OrganizationRole): Action {
  return role === 'owner' ? 'owner.manage' : 'member.manage';
}

/** A new invitation, and the secret that goes into its mail and nowhere else. */
export function newInvitation(
  about: Omit<Invitation, 'id' | 'hash'>,
  random: Random,
): { readonly invitation: Invitation; readonly secret: string } {
  const secret = createTokenString('ml', random);
  const id = `inv_${Buffer.from(random(16)).toString('base64url')}`;
  return { secret, invitation: { ...about, id, hash: hashTokenString(secret) } };
}

/** @param issuer without a slash at its end. Nothing in the mail was written by whoever invites. */
export function invitationMail(issuer: string, { email, expiresAt }: Invitation, secret: string): MailDraft {
  const { host } = new URL(issuer);
  return {
    to: email,
    purpose: 'invitation',
    subject: `An invitation at ${host}`,
    expiresAt,
    text: `You are invited to join an organization at ${host}.

Open this link to see which one it is and who invites you, and to accept or decline:

${issuer}/invitation?link=${secret}

It works once, for the account with this address, until ${new Date(expiresAt).toUTCString()}.
If you want no part in it, do nothing.
`,
  };
}

/**
 * Counts an invitation. Addresses are counted within an organization, so that nobody learns what others have sent.
 * @returns seconds to wait where so many were sent that one more would be a nuisance
 */
export function takeInvitation(
  { organizationId, email, invitedBy, createdAt }: Omit<Invitation, 'id' | 'hash'>,
  limits: Pick<AttemptLimits, 'take'>,
): Promise<number | undefined> {
  return limits.take(
    { invitations_per_recipient: [organizationId, email], invitations_per_inviter: [invitedBy] },
    createdAt,
  );
}

/** An invitation that is good, and what a person has to know of it. */
export interface OpenInvitation {
  readonly invitation: Invitation;
  readonly organization: Organization;
  readonly inviter: User;
}

/** @returns undefined for what is no secret of ours, is over, or was given by somebody who may not invite any more */
export async function findInvitation(
  secret: string | undefined,
  now: number,
  { invitations, memberships, organizations, users }: InvitationPorts,
): Promise<OpenInvitation | undefined> {
  if (secret === undefined || parseTokenString(secret)?.kind !== 'ml') return undefined;
  const invitation = await invitations.findByHash(hashTokenString(secret), now);
  if (invitation === undefined) return undefined;
  const { organizationId, invitedBy, role } = invitation;
  const [organization, inviter, theirs] = await Promise.all([
    organizations.find(organizationId),
    users.find(invitedBy),
    memberships.ofUser(invitedBy),
  ]);
  if (organization === undefined || inviter === undefined) return undefined;
  if (!may(inviter, theirs, actionToManage(role), organizationId)) return undefined;
  return { invitation, organization, inviter };
}

/** Whether the invitation is for this person: their address is the invited one, and known to be theirs. */
export function isInvited({ invitation }: OpenInvitation, person: User): boolean {
  return person.status === 'active' && person.emailVerified && person.email === invitation.email;
}

/** @returns `gone`: it was used, or is over; `not_yours`: it is for somebody else, and stays */
export async function acceptInvitation(
  open: OpenInvitation,
  person: User,
  occasion: Occasion,
  { invitations, random }: InvitationPorts,
): Promise<'added' | 'member_already' | 'gone' | 'not_yours'> {
  if (!isInvited(open, person)) return 'not_yours';
  const { id, organizationId, role } = open.invitation;
  const { at } = occasion;
  const membership = { organizationId, userId: person.id, role, createdAt: at, updatedAt: at };
  return invitations.accept(id, membership, eventOf('invitation.accepted', open, person, occasion, random));
}

/** @returns false if it was over, or is for somebody else */
export async function declineInvitation(
  open: OpenInvitation,
  person: User,
  occasion: Occasion,
  { invitations, random }: InvitationPorts,
): Promise<boolean> {
  if (!isInvited(open, person)) return false;
  return invitations.end(open.invitation.id, eventOf('invitation.declined', open, person, occasion, random));
}

function eventOf(
  type: AuditEventType,
  { invitation: { id, organizationId, role } }: OpenInvitation,
  person: User,
  occasion: Occasion,
  random: Random,
): AuditEvent {
  return {
    id: createAuditEventId(random),
    ...occasion,
    type,
    outcome: 'success',
    actor: person.id,
    userId: person.id,
    organizationId,
    detail: { invitation: id, role },
  };
}
