/** `/account/v1/organizations`: those that the person is in, and leaving one. */
import type { Random } from '@tessera/tokens';
import { may } from '../../../access/authority.ts';
import { requestContext } from '../../../http/app.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Memberships } from '../../../ports/memberships.ts';
import type { Organizations } from '../../../ports/organizations.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { Type } from '../../../schema/type.ts';
import { type Api, caller } from '../../api.ts';
import { IdParameter } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { organizationEvent } from '../../organizations/organization-routes.ts';
import { OrganizationSchema, toOrganizationWire } from '../../organizations/organization-wire.ts';
import { Problem } from '../../problem.ts';

export interface OwnOrganizationDependencies {
  readonly organizations: Pick<Organizations, 'find'>;
  readonly memberships: Pick<Memberships, 'ofUser' | 'remove'>;
  readonly clock: Clock;
  readonly random: Random;
}

const OwnOrganizations = Type.Object(
  { items: Type.Array(OrganizationSchema) },
  { title: 'OwnOrganizations' },
);

export function registerOwnOrganizations(api: Api, dependencies: OwnOrganizationDependencies): void {
  registerList(api, dependencies);
  registerLeaving(api, dependencies);
}

function registerList(api: Api, { organizations, memberships }: OwnOrganizationDependencies): void {
  const list = operation({
    operationId: 'listOwnOrganizations',
    summary: 'List your organizations',
    description: 'The personal one first, then those that you are a member of, with your role.',
    tag: 'organizations',
    answers: { 200: { description: 'All of them', schema: OwnOrganizations } },
  });
  api.get('/organizations', { schema: list }, async (request) => {
    const person = caller(request);
    const own = await memberships.ofUser(person.id);
    request.tesseraMemberships = own;
    const ids = [person.organizationId, ...own.map(({ organizationId }) => organizationId)];
    const found = await Promise.all(ids.map((id) => organizations.find(id)));
    const items = found.filter(
      (each) => each !== undefined && may(person, own, 'organization.read', each.id),
    );
    return {
      items: items.flatMap((each) => (each === undefined ? [] : [toOrganizationWire(request, each)])),
    };
  });
}

function registerLeaving(api: Api, { memberships, clock, random }: OwnOrganizationDependencies): void {
  const leave = operation({
    operationId: 'leaveOrganization',
    summary: 'Leave an organization',
    description: 'You may do nothing there from now on. The last owner cannot leave.',
    tag: 'organizations',
    answers: { 204: { description: 'Left', schema: null } },
    problems: ['not_found', 'last_owner'],
  });
  api.delete('/organizations/:id', { schema: { ...leave, params: IdParameter } }, async (request, reply) => {
    const { id: userId } = caller(request);
    const own = await memberships.ofUser(userId);
    const absent = new Problem('not_found', 'You are a member of no organization with this id');
    const membership = own.find(({ organizationId }) => organizationId === request.params.id);
    if (membership === undefined) throw absent;
    const event = organizationEvent('member.removed', userId, membership.organizationId, { userId });
    const audit = auditEvent(requestContext(request, clock), event, random);
    if (!(await memberships.remove(membership, audit))) throw absent;
    return reply.code(204).send(null);
  });
}
