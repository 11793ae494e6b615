/** An organization, its members and its invitations as the API takes and shows them. */
import type { FastifyRequest } from 'fastify';
import { type Action, ACTIONS } from '../../access/authority.ts';
import { LifetimeRule } from '../../access/lifetime-rule.ts';
import type { Invitation } from '../../domain/invitation.ts';
import { type Member, ORGANIZATION_ROLES, type OrganizationRole } from '../../domain/membership.ts';
import type { Organization } from '../../domain/organization.ts';
import { type Static, Type } from '../../schema/type.ts';
import { caller } from '../api.ts';
import { callerMay } from '../authority-of-caller.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export const OrganizationName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
});

export const OrganizationKind = Type.Enum(['default', 'personal', 'team'], {
  description: 'default: there from the first start. personal: of one person, and nobody else',
});

export const MemberRole = Type.Enum([...ORGANIZATION_ROLES], {
  description: 'owner may everything; admin also manages people; developer also apps and APIs; member reads',
});

export const OrganizationSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    kind: OrganizationKind,
    role: Type.Optional(MemberRole),
    access_token_lifetime: Type.Optional(LifetimeRule),
    may: Type.Array(Type.Enum([...ACTIONS]), { description: 'What you may do there' }),
    created_at: Seconds('When it was made'),
  },
  { title: 'Organization', description: '`role`: yours, where you are a member' },
);

export const OrganizationPage = PageOf(OrganizationSchema, 'Organizations');

export const MemberSchema = Type.Object(
  {
    user_id: Type.String(),
    email: Type.String(),
    display_name: Type.String(),
    role: MemberRole,
    created_at: Seconds('When they became a member'),
    updated_at: Seconds('When their role last changed'),
  },
  { title: 'Member' },
);

export const MemberPage = PageOf(MemberSchema, 'Members');

export const InvitationSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    role: MemberRole,
    invited_by: Type.String({ description: 'A user id' }),
    created_at: Seconds('When it was sent'),
    expires_at: Seconds('When it ends'),
  },
  { title: 'Invitation', description: 'One that waits. Its link is in the mail, and nowhere else' },
);

export const InvitationPage = PageOf(InvitationSchema, 'Invitations');

export function toOrganizationWire(
  request: FastifyRequest,
  { id, name, kind, createdAt, accessTokenLifetime: lifetime }: Organization,
): Static<typeof OrganizationSchema> {
  const role = roleOf(request, id);
  return {
    id,
    name,
    kind,
    ...(role !== undefined && { role }),
    ...(lifetime !== undefined && {
      access_token_lifetime:
        typeof lifetime === 'number' ? lifetime : { min: lifetime.min, max: lifetime.max },
    }),
    may: ACTIONS.filter((action: Action) => callerMay(request, action, id)),
    created_at: toSeconds(createdAt),
  };
}

function roleOf(request: FastifyRequest, id: string): OrganizationRole | undefined {
  if (caller(request).organizationId === id) return 'owner';
  return request.tesseraMemberships?.find(({ organizationId }) => organizationId === id)?.role;
}

export function toMemberWire(member: Member): Static<typeof MemberSchema> {
  return {
    user_id: member.userId,
    email: member.email,
    display_name: member.displayName,
    role: member.role,
    created_at: toSeconds(member.createdAt),
    updated_at: toSeconds(member.updatedAt),
  };
}

export function toInvitationWire(invitation: Invitation): Static<typeof InvitationSchema> {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    invited_by: invitation.invitedBy,
    created_at: toSeconds(invitation.createdAt),
    expires_at: toSeconds(invitation.expiresAt),
  };
}
