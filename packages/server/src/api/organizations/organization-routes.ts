/** `/admin/v1/organizations`: who owns apps and APIs, and whose members look after them. */
import type { Random } from '@tessera/tokens';
import { LifetimeRule, lifetimeRefusal } from '../../access/lifetime-rule.ts';
import type { FastifyRequest } from 'fastify';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { LONGEST_INVITATION_MS } from '../../domain/invitation.ts';
import type { Organization } from '../../domain/organization.ts';
import { requestContext } from '../../http/app.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Organizations } from '../../ports/organizations.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Static, Type } from '../../schema/type.ts';
import { type Api, caller } from '../api.ts';
import { callerIsOperator, ownedBy, requireAction, seen } from '../authority-of-caller.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { pageRequest, pagingParameters, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import {
  OrganizationKind,
  OrganizationName,
  OrganizationPage,
  OrganizationSchema,
  toOrganizationWire,
} from './organization-wire.ts';

/** How long an invitation is good at most, in seconds. */
export const LONGEST_INVITATION_SECONDS = LONGEST_INVITATION_MS / 1000;

export interface OrganizationRouteDependencies {
  readonly organizations: Organizations;
  /** Who may make organizations. */
  readonly createOrganizations: 'operators' | 'everyone';
  readonly clock: Clock;
  readonly random: Random;
}

const OrganizationBody = Type.Object(
  { name: OrganizationName },
  { additionalProperties: false, title: 'OrganizationMembers' },
);

const OrganizationChanges = Type.Object(
  {
    name: Type.Optional(OrganizationName),
    access_token_lifetime: Type.Optional(Type.Union([LifetimeRule, Type.Null()])),
  },
  { additionalProperties: false, title: 'OrganizationChanges' },
);

const OrganizationQuery = Type.Object(
  { ...pagingParameters, kind: Type.Optional(OrganizationKind) },
  { additionalProperties: false },
);

export function registerOrganizationRoutes(api: Api, dependencies: OrganizationRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

/** An organization that the caller may see. @throws Problem `not_found` */
export async function existingOrganization(
  request: FastifyRequest,
  organizations: Pick<Organizations, 'find'>,
  id: string,
): Promise<Organization> {
  const found = await organizations.find(id);
  const owned = found === undefined ? undefined : { ...found, organizationId: found.id };
  return seen(request, 'organization.read', owned, 'No organization has this id');
}

/** @throws Problem `personal_organization` */
export function requireShared({ kind }: Organization): void {
  if (kind !== 'personal') return;
  throw new Problem('personal_organization', 'A personal organization is for one person, and goes with them');
}

/** The audit details of something done to an organization. */
export function organizationEvent(
  type: AuditEventType,
  actor: string,
  organizationId: string,
  more: { readonly userId?: string; readonly detail?: Readonly<Record<string, string>> } = {},
) {
  return { type, outcome: 'success', actor, organizationId, ...more } as const;
}

function registerReading(api: Api, { organizations }: OrganizationRouteDependencies): void {
  const list = operation({
    operationId: 'listOrganizations',
    summary: 'List organizations',
    description: 'Those that you are in, your personal one among them; operators see every one.',
    tag: 'organizations',
    asks: ['organization.read'],
    answers: { 200: { description: 'A page of organizations, newest first', schema: OrganizationPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/organizations', { schema: { ...list, querystring: OrganizationQuery } }, async (request) => {
    const { kind } = request.query;
    const filter = { ...ownedBy(request, 'organization.read'), ...(kind !== undefined && { kind }) };
    const page = await organizations.list(filter, pageRequest(request.query));
    return toPage(page, (each) => toOrganizationWire(request, each));
  });

  const get = operation({
    operationId: 'getOrganization',
    summary: 'Show an organization',
    tag: 'organizations',
    asks: ['organization.read'],
    answers: { 200: { description: 'The organization', schema: OrganizationSchema } },
    problems: ['not_found'],
  });
  api.get('/organizations/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toOrganizationWire(request, await existingOrganization(request, organizations, request.params.id)),
  );
}

function registerCreation(api: Api, dependencies: OrganizationRouteDependencies): void {
  const { organizations, createOrganizations, clock, random } = dependencies;
  const create = operation({
    operationId: 'createOrganization',
    summary: 'Make an organization',
    description: 'You are its first owner. Who may make one is a setting, `create_organizations`.',
    tag: 'organizations',
    asks: [],
    answers: { 201: { description: 'The new organization', schema: OrganizationSchema } },
  });
  api.post('/organizations', { schema: { ...create, body: OrganizationBody } }, async (request, reply) => {
    if (createOrganizations !== 'everyone' && !callerIsOperator(request)) {
      throw new Problem('forbidden', 'On this server, operators make organizations; ask one of them');
    }
    const context = requestContext(request, clock);
    const { at } = context;
    const { id: userId } = caller(request);
    const id = newIdentifier('org', random);
    const name = request.body.name.trim();
    const organization: Organization = { id, name, kind: 'team', createdAt: at };
    const owner = { organizationId: id, userId, role: 'owner', createdAt: at, updatedAt: at } as const;
    const event = organizationEvent('organization.created', userId, id);
    await organizations.create(organization, owner, auditEvent(context, event, random));
    // So that the answer says what the caller may do there from now on.
    request.tesseraMemberships = [...(request.tesseraMemberships ?? []), owner];
    const location = `${request.url.split('?', 1)[0]}/${id}`;
    return reply.code(201).header('location', location).send(toOrganizationWire(request, organization));
  });
}

function registerChange(api: Api, { organizations, clock, random }: OrganizationRouteDependencies): void {
  const update = operation({
    operationId: 'updateOrganization',
    summary: 'Change an organization',
    description:
      'Its name, and how long the tokens of its apps live where neither app nor API says otherwise (null: as the server says).',
    tag: 'organizations',
    asks: ['organization.update'],
    answers: { 200: { description: 'The organization as it is now', schema: OrganizationSchema } },
    problems: ['not_found', 'personal_organization'],
  });
  const schema = { ...update, params: IdParameter, body: OrganizationChanges };
  api.patch('/organizations/:id', { schema }, async (request) => {
    const before = await existingOrganization(request, organizations, request.params.id);
    requireAction(request, 'organization.update', { organizationId: before.id });
    requireShared(before);
    const after = changed(before, request.body);
    const event = organizationEvent('organization.updated', caller(request).id, before.id);
    const audit = auditEvent(requestContext(request, clock), event, random);
    if (!(await organizations.update(after, audit))) {
      throw new Problem('not_found', 'No organization has this id');
    }
    return toOrganizationWire(request, after);
  });
}

/** @throws Problem `invalid_request` */
function changed(before: Organization, changes: Static<typeof OrganizationChanges>): Organization {
  const { accessTokenLifetime: kept, ...rest } = before;
  const { name, access_token_lifetime: rule = kept } = changes;
  const refusal = rule === undefined || rule === null ? undefined : lifetimeRefusal(rule);
  if (refusal !== undefined) {
    const pointer = '/access_token_lifetime';
    throw new Problem('invalid_request', `${pointer} ${refusal}`, [{ pointer, detail: refusal }]);
  }
  return {
    ...rest,
    ...(name !== undefined && { name: name.trim() }),
    ...(rule !== undefined && rule !== null && { accessTokenLifetime: rule }),
  };
}

function registerDeletion(api: Api, { organizations, clock, random }: OrganizationRouteDependencies): void {
  const remove = operation({
    operationId: 'deleteOrganization',
    summary: 'Delete an organization with everything it owns',
    description:
      'Its apps and APIs go with it: every token that they got, and every token for them, is refused from now on. It cannot be undone.',
    tag: 'organizations',
    asks: ['organization.delete'],
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found', 'personal_organization', 'built_in'],
  });
  api.delete('/organizations/:id', { schema: { ...remove, params: IdParameter } }, async (request, reply) => {
    const organization = await existingOrganization(request, organizations, request.params.id);
    requireAction(request, 'organization.delete', { organizationId: organization.id });
    requireShared(organization);
    if (organization.kind === 'default') throw new Problem('built_in', 'The default organization stays');
    const event = organizationEvent('organization.deleted', caller(request).id, organization.id);
    await organizations.delete(organization.id, auditEvent(requestContext(request, clock), event, random));
    return reply.code(204).send(null);
  });
}
