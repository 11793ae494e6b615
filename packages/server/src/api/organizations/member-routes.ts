/** `/admin/v1/organizations/{id}/members`: who is in an organization, and as what. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import type { Member } from '../../domain/membership.ts';
import { requestContext } from '../../http/app.ts';
import { actionToManage } from '../../people/invitation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { Organizations } from '../../ports/organizations.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { Type } from '../../schema/type.ts';
import { type Api, caller } from '../api.ts';
import { requireAction, requireOperator } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import { existingOrganization, organizationEvent, requireShared } from './organization-routes.ts';
import { MemberPage, MemberRole, MemberSchema, toMemberWire } from './organization-wire.ts';

export interface MemberRouteDependencies {
  readonly organizations: Pick<Organizations, 'find'>;
  readonly memberships: Memberships;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const MemberParameters = Type.Object({ id: Identifier, user_id: Identifier });
const NewMember = Type.Object(
  { user_id: Identifier, role: MemberRole },
  { additionalProperties: false, title: 'NewMember' },
);
const RoleChange = Type.Object({ role: MemberRole }, { additionalProperties: false, title: 'RoleChange' });

export function registerMemberRoutes(api: Api, dependencies: MemberRouteDependencies): void {
  registerReading(api, dependencies);
  registerAddition(api, dependencies);
  registerChange(api, dependencies);
  registerRemoval(api, dependencies);
}

/** A member of an organization that the caller may see. @throws Problem `not_found` */
async function existingMember(
  request: FastifyRequest & { readonly params: { readonly id: string; readonly user_id: string } },
  { organizations, memberships }: Pick<MemberRouteDependencies, 'organizations' | 'memberships'>,
): Promise<Member> {
  const { id, user_id: userId } = request.params;
  await existingOrganization(request, organizations, id);
  const member = await memberships.find(id, userId);
  if (member === undefined) throw new Problem('not_found', 'No member of the organization has this id');
  requireAction(request, 'member.read', member);
  return member;
}

function registerReading(api: Api, { organizations, memberships }: MemberRouteDependencies): void {
  const list = operation({
    operationId: 'listMembers',
    summary: 'List the members of an organization',
    description: 'A personal organization has its person, and no members.',
    tag: 'organizations',
    asks: ['member.read'],
    answers: { 200: { description: 'A page of members, newest first', schema: MemberPage } },
    problems: ['not_found', 'invalid_cursor'],
  });
  const schema = { ...list, params: IdParameter, querystring: PagingQuery };
  api.get('/organizations/:id/members', { schema }, async (request) => {
    const { id } = await existingOrganization(request, organizations, request.params.id);
    requireAction(request, 'member.read', { organizationId: id });
    return toPage(await memberships.list(id, pageRequest(request.query)), toMemberWire);
  });

  const get = operation({
    operationId: 'getMember',
    summary: 'Show a member of an organization',
    tag: 'organizations',
    asks: ['member.read'],
    answers: { 200: { description: 'The member', schema: MemberSchema } },
    problems: ['not_found'],
  });
  const one = { schema: { ...get, params: MemberParameters } };
  api.get('/organizations/:id/members/:user_id', one, async (request) =>
    toMemberWire(await existingMember(request, { organizations, memberships })),
  );
}

function registerAddition(api: Api, dependencies: MemberRouteDependencies): void {
  const { organizations, memberships, clock, random } = dependencies;
  const add = operation({
    operationId: 'addMember',
    summary: 'Make a person a member at once',
    description: 'For operators, who know who has an account. Everybody else invites by mail.',
    tag: 'organizations',
    answers: { 201: { description: 'The member', schema: MemberSchema } },
    problems: ['not_found', 'already_exists', 'personal_organization'],
  });
  const schema = { ...add, params: IdParameter, body: NewMember };
  api.post('/organizations/:id/members', { schema }, async (request, reply) => {
    requireOperator(request);
    const organization = await existingOrganization(request, organizations, request.params.id);
    requireShared(organization);
    const { user_id: userId, role } = request.body;
    const context = requestContext(request, clock);
    const { at } = context;
    const membership = { organizationId: organization.id, userId, role, createdAt: at, updatedAt: at };
    const event = organizationEvent('member.added', caller(request).id, organization.id, {
      userId,
      detail: { role },
    });
    const outcome = await memberships.add(membership, auditEvent(context, event, random));
    if (outcome === 'member_already') {
      throw new Problem('already_exists', 'They are a member; change their role instead', [
        { pointer: '/user_id', detail: 'is a member' },
      ]);
    }
    const member = outcome === 'gone' ? undefined : await memberships.find(organization.id, userId);
    if (member === undefined) throw new Problem('not_found', 'No user has this id');
    return reply.code(201).send(toMemberWire(member));
  });
}

function registerChange(api: Api, dependencies: MemberRouteDependencies): void {
  const { memberships, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateMember',
    summary: 'Give a member another role',
    description:
      'It counts at once, for tokens that are out there as well. Only owners make and unmake owners.',
    tag: 'organizations',
    asks: ['member.manage', 'owner.manage'],
    answers: { 200: { description: 'The member as they are now', schema: MemberSchema } },
    problems: ['not_found', 'last_owner'],
  });
  const schema = { ...update, params: MemberParameters, body: RoleChange };
  api.patch('/organizations/:id/members/:user_id', { schema }, (request) =>
    oneAtATime(async () => {
      const before = await existingMember(request, dependencies);
      const { role } = request.body;
      for (const one of [before.role, role]) requireAction(request, actionToManage(one), before);
      const context = requestContext(request, clock);
      const after: Member = { ...before, role, updatedAt: changeTime(context.at, before) };
      const event = organizationEvent('member.role_changed', caller(request).id, before.organizationId, {
        userId: before.userId,
        detail: { from: before.role, to: role },
      });
      requireWritten(await memberships.changeRole(after, auditEvent(context, event, random), before));
      return toMemberWire(after);
    }),
  );
}

function registerRemoval(api: Api, dependencies: MemberRouteDependencies): void {
  const { memberships, clock, random, oneAtATime } = dependencies;
  const remove = operation({
    operationId: 'removeMember',
    summary: 'Remove a member from an organization',
    description: 'They may do nothing there from now on. What they made stays.',
    tag: 'organizations',
    asks: ['member.manage', 'owner.manage'],
    answers: { 204: { description: 'Removed', schema: null } },
    problems: ['not_found', 'last_owner'],
  });
  const schema = { ...remove, params: MemberParameters };
  api.delete('/organizations/:id/members/:user_id', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const member = await existingMember(request, dependencies);
      requireAction(request, actionToManage(member.role), member);
      const event = organizationEvent('member.removed', caller(request).id, member.organizationId, {
        userId: member.userId,
      });
      const audit = auditEvent(requestContext(request, clock), event, random);
      requireWritten(await memberships.remove(member, audit));
      return reply.code(204).send(null);
    }),
  );
}
