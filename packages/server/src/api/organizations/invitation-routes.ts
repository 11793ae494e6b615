/** `/admin/v1/organizations/{id}/invitations`: who is asked to join, by mail. */
import type { Random } from '@tessera/tokens';
import type { Invitation } from '../../domain/invitation.ts';
import { isMailAddress } from '../../domain/mail-message.ts';
import { normalizeEmail } from '../../domain/user.ts';
import { requestContext } from '../../http/app.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import { actionToManage, invitationMail, newInvitation, takeInvitation } from '../../people/invitation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Invitations } from '../../ports/invitations.ts';
import type { Organizations } from '../../ports/organizations.ts';
import type { SealMail } from '../../ports/outbox.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { Type } from '../../schema/type.ts';
import { type Api, caller } from '../api.ts';
import { requireAction } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { operation } from '../operation.ts';
import { pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import { Email } from '../users/user-wire.ts';
import {
  existingOrganization,
  LONGEST_INVITATION_SECONDS,
  organizationEvent,
  requireShared,
} from './organization-routes.ts';
import { InvitationPage, InvitationSchema, MemberRole, toInvitationWire } from './organization-wire.ts';

export interface InvitationRouteDependencies {
  readonly issuer: string;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly invitations: Invitations;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  /** Undefined where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const NewInvitation = Type.Object(
  {
    email: Email,
    role: MemberRole,
    expires_in: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: LONGEST_INVITATION_SECONDS,
        description: 'Seconds for which it is good; seven days unless you say less',
      }),
    ),
  },
  { additionalProperties: false, title: 'NewInvitation' },
);

const InvitationParameters = Type.Object({ id: Identifier, invitation_id: Identifier });

export function registerInvitationRoutes(api: Api, dependencies: InvitationRouteDependencies): void {
  registerList(api, dependencies);
  registerCreation(api, dependencies);
  registerRevocation(api, dependencies);
}

function registerList(api: Api, { organizations, invitations, clock }: InvitationRouteDependencies): void {
  const list = operation({
    operationId: 'listInvitations',
    summary: 'List the invitations that wait',
    tag: 'organizations',
    asks: ['invitation.read'],
    answers: { 200: { description: 'A page of invitations, newest first', schema: InvitationPage } },
    problems: ['not_found', 'invalid_cursor'],
  });
  const schema = { ...list, params: IdParameter, querystring: PagingQuery };
  api.get('/organizations/:id/invitations', { schema }, async (request) => {
    const { id } = await existingOrganization(request, organizations, request.params.id);
    requireAction(request, 'invitation.read', { organizationId: id });
    return toPage(await invitations.list(id, clock(), pageRequest(request.query)), toInvitationWire);
  });
}

function registerCreation(api: Api, dependencies: InvitationRouteDependencies): void {
  const { issuer, organizations, invitations, sealMail, clock, random } = dependencies;
  const create = operation({
    operationId: 'createInvitation',
    summary: 'Invite a person by mail',
    description:
      'The answer is the same whether or not the address has an account. An older invitation to the same address ends. Only owners invite owners.',
    tag: 'organizations',
    asks: ['invitation.manage', 'owner.manage'],
    answers: { 201: { description: 'The invitation; its link is in the mail', schema: InvitationSchema } },
    problems: ['not_found', 'personal_organization', 'no_mail', 'too_many'],
  });
  const schema = { ...create, params: IdParameter, body: NewInvitation };
  api.post('/organizations/:id/invitations', { schema }, async (request, reply) => {
    const organization = await existingOrganization(request, organizations, request.params.id);
    const { role, expires_in: lifetimeSeconds = LONGEST_INVITATION_SECONDS } = request.body;
    requireAction(request, 'invitation.manage', { organizationId: organization.id });
    requireAction(request, actionToManage(role), { organizationId: organization.id });
    requireShared(organization);
    if (sealMail === undefined) {
      throw new Problem('no_mail', 'This server sends no mail, so nobody can be invited; set smtp_url');
    }
    const context = requestContext(request, clock);
    const about: Omit<Invitation, 'id' | 'hash'> = {
      organizationId: organization.id,
      email: mailAddress(request.body.email),
      role,
      invitedBy: caller(request).id,
      createdAt: context.at,
      expiresAt: context.at + lifetimeSeconds * 1000,
    };
    const retryAfterSeconds = await takeInvitation(about, dependencies.attemptLimits);
    if (retryAfterSeconds !== undefined) {
      void reply.header('retry-after', String(retryAfterSeconds));
      throw tooMany('Try again later');
    }
    const { invitation, secret } = newInvitation(about, random);
    const mail = sealMail(invitationMail(issuer, invitation, secret), context.at);
    const event = organizationEvent('invitation.created', about.invitedBy, organization.id, {
      detail: { invitation: invitation.id, role },
    });
    const outcome = await invitations.create(invitation, mail, auditEvent(context, event, random));
    if (outcome === 'gone') throw new Problem('not_found', 'No organization has this id');
    if (outcome === 'too_many') throw tooMany('Take some back first');
    return reply.code(201).send(toInvitationWire(invitation));
  });
}

function tooMany(whatToDo: string): Problem {
  return new Problem('too_many', `Too many invitations wait or were sent. ${whatToDo}`);
}

/** @throws Problem `invalid_request` */
function mailAddress(text: string): string {
  const email = normalizeEmail(text);
  if (isMailAddress(email)) return email;
  const detail = 'is no address that mail can be sent to';
  throw new Problem('invalid_request', `/email ${detail}`, [{ pointer: '/email', detail }]);
}

function registerRevocation(api: Api, dependencies: InvitationRouteDependencies): void {
  const { organizations, invitations, clock, random } = dependencies;
  const revoke = operation({
    operationId: 'revokeInvitation',
    summary: 'Take an invitation back',
    description: 'Its link does nothing from now on.',
    tag: 'organizations',
    asks: ['invitation.manage'],
    answers: { 204: { description: 'Taken back', schema: null } },
    problems: ['not_found'],
  });
  const schema = { ...revoke, params: InvitationParameters };
  api.delete('/organizations/:id/invitations/:invitation_id', { schema }, async (request, reply) => {
    const { id } = await existingOrganization(request, organizations, request.params.id);
    requireAction(request, 'invitation.manage', { organizationId: id });
    const context = requestContext(request, clock);
    const found = await invitations.find(request.params.invitation_id, context.at);
    const absent = new Problem('not_found', 'No invitation of the organization has this id');
    if (found?.organizationId !== id) throw absent;
    const event = organizationEvent('invitation.revoked', caller(request).id, id, {
      detail: { invitation: found.id },
    });
    if (!(await invitations.end(found.id, auditEvent(context, event, random)))) throw absent;
    return reply.code(204).send(null);
  });
}
