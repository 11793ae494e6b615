/** `/admin/v1/resources`: the APIs that tokens are for. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import type { Static } from '../../schema/type.ts';
import type { AuditEventType } from '../../domain/audit-event.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Organizations } from '../../ports/organizations.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Resources } from '../../ports/resources.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { callerIsOperator, callerMay, ownedBy, requireAction, seen } from '../authority-of-caller.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { OwnedQuery, pageRequest, toPage } from '../paging.ts';
import { organizationNamed } from '../owner-named.ts';
import { Problem } from '../problem.ts';
import {
  NewResource,
  ResourceChanges,
  ResourcePage,
  ResourceSchema,
  toResourceWire,
} from './resource-wire.ts';
import { validateResource } from './validate-resource.ts';

export interface ResourceRouteDependencies {
  readonly issuer: string;
  readonly resources: Resources;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

export function registerResourceRoutes(api: Api, dependencies: ResourceRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

async function existing(request: FastifyRequest, resources: Resources, id: string): Promise<Resource> {
  return seen(request, 'resource.read', await resources.find(id), 'No resource has this id');
}

async function changeable(request: FastifyRequest, resources: Resources, id: string): Promise<Resource> {
  const resource = await existing(request, resources, id);
  requireAction(request, 'resource.manage', resource);
  if (resource.builtIn) throw new Problem('built_in', "This is Tessera's own API");
  return resource;
}

async function requireValid(
  resource: Resource,
  { issuer, clients }: ResourceRouteDependencies,
): Promise<void> {
  const problems = await validateResource(resource, issuer, clients);
  if (problems.length === 0) return;
  const told = problems.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  throw new Problem('invalid_request', told.join('; '), problems.slice(0, 20));
}

/** Clients that the caller may name: those they may see, and those that the API names already. */
function clientsSeen(
  request: FastifyRequest,
  clients: Pick<Clients, 'find'>,
  before?: Resource,
): Pick<Clients, 'find'> {
  const named = new Set([...(before?.resourceServers ?? []), ...(before?.tokenExchangeClients ?? [])]);
  return {
    async find(id) {
      const client = await clients.find(id);
      if (client === undefined || named.has(id)) return client;
      return callerMay(request, 'client.read', client.organizationId) ? client : undefined;
    },
  };
}

/** There is one default API in the whole deployment. @throws Problem `forbidden` */
function requireDefaultByOperator(
  request: FastifyRequest,
  body: { readonly default?: boolean },
  before?: Resource,
): void {
  if (body.default === undefined || callerIsOperator(request)) return;
  if (body.default === (before?.isDefault ?? false)) return;
  throw new Problem('forbidden', 'Which API is the default one is decided by the operators of this server');
}

function resourceEvent(type: AuditEventType, actor: string, resourceId: string) {
  return { type, outcome: 'success', actor, resourceId } as const;
}

function registerReading(api: Api, { resources }: ResourceRouteDependencies): void {
  const list = operation({
    operationId: 'listResources',
    summary: 'List APIs',
    tag: 'resources',
    asks: ['resource.read'],
    answers: { 200: { description: 'A page of APIs, newest first', schema: ResourcePage } },
    problems: ['invalid_cursor'],
  });
  api.get('/resources', { schema: { ...list, querystring: OwnedQuery } }, async (request) => {
    const filter = ownedBy(request, 'resource.read', request.query.organization_id);
    return toPage(await resources.list(filter, pageRequest(request.query)), toResourceWire);
  });

  const get = operation({
    operationId: 'getResource',
    summary: 'Show an API',
    tag: 'resources',
    asks: ['resource.read'],
    answers: { 200: { description: 'The API', schema: ResourceSchema } },
    problems: ['not_found'],
  });
  api.get('/resources/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toResourceWire(await existing(request, resources, request.params.id)),
  );
}

/** The members of a body that a resource is made of, under the names it has inside. */
function settings(body: Static<typeof ResourceChanges>): Partial<Resource> {
  return {
    ...(body.name !== undefined && { name: body.name.trim() }),
    ...(body.scopes !== undefined && { scopes: body.scopes }),
    ...(body.default_scopes !== undefined && { defaultScopes: body.default_scopes }),
    ...(body.authorization_details_types !== undefined && {
      authorizationDetailsTypes: body.authorization_details_types,
    }),
    ...(body.token_format !== undefined && { tokenFormat: body.token_format }),
    ...(body.access_token_lifetime !== undefined &&
      body.access_token_lifetime !== null && { accessTokenLifetime: body.access_token_lifetime }),
    ...(body.signing_alg !== undefined && { signingAlg: body.signing_alg }),
    ...(body.default !== undefined && { isDefault: body.default }),
    ...(body.allow_url_clients !== undefined && { allowUrlClients: body.allow_url_clients }),
    ...(body.client_token_scopes !== undefined && { clientTokenScopes: body.client_token_scopes }),
    ...(body.resource_servers !== undefined && { resourceServers: [...new Set(body.resource_servers)] }),
    ...(body.token_exchange_clients !== undefined && {
      tokenExchangeClients: [...new Set(body.token_exchange_clients)],
    }),
  };
}

function registerCreation(api: Api, dependencies: ResourceRouteDependencies): void {
  const { resources, organizations, clock, random, oneAtATime } = dependencies;
  const create = operation({
    operationId: 'createResource',
    summary: 'Register an API',
    tag: 'resources',
    asks: ['resource.manage'],
    answers: { 201: { description: 'The new API', schema: ResourceSchema } },
    problems: ['already_exists'],
  });
  api.post('/resources', { schema: { ...create, body: NewResource } }, (request, reply) =>
    oneAtATime(async () => {
      const { identifier, organization_id, ...rest } = request.body;
      const owner = await organizationNamed(request, organizations, organization_id, 'resource.manage');
      requireDefaultByOperator(request, rest);
      const context = requestContext(request, clock);
      const { at } = context;
      const resource: Resource = {
        id: newIdentifier('res', random),
        organizationId: owner.id,
        identifier,
        name: rest.name,
        scopes: [],
        defaultScopes: [],
        tokenFormat: 'jwt',
        signingAlg: rest.token_format === 'cat' ? 'HS256' : 'ES256',
        isDefault: false,
        resourceServers: [],
        builtIn: false,
        createdAt: at,
        updatedAt: at,
        ...settings(rest),
      };
      await requireValid(resource, { ...dependencies, clients: clientsSeen(request, dependencies.clients) });
      const event = resourceEvent('resource.created', caller(request).id, resource.id);
      await resources.create(resource, auditEvent(context, event, random));
      const location = `${request.url.split('?', 1)[0]}/${resource.id}`;
      return reply.code(201).header('location', location).send(toResourceWire(resource));
    }),
  );
}

function registerChange(api: Api, dependencies: ResourceRouteDependencies): void {
  const { resources, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateResource',
    summary: 'Change an API',
    description: 'Members that are given replace what was. Tokens that are out there stay as they are.',
    tag: 'resources',
    asks: ['resource.manage'],
    answers: { 200: { description: 'The API as it is now', schema: ResourceSchema } },
    problems: ['not_found', 'built_in'],
  });
  const schema = { ...update, params: IdParameter, body: ResourceChanges };
  api.patch('/resources/:id', { schema }, (request) =>
    oneAtATime(async () => {
      const before = await changeable(request, resources, request.params.id);
      const context = requestContext(request, clock);
      const updatedAt = changeTime(context.at, before);
      const kept = request.body.access_token_lifetime === null ? withoutLifetime(before) : before;
      const after: Resource = { ...kept, ...settings(request.body), updatedAt };
      requireDefaultByOperator(request, request.body, before);
      const known = clientsSeen(request, dependencies.clients, before);
      await requireValid(after, { ...dependencies, clients: known });
      const event = {
        ...resourceEvent('resource.updated', caller(request).id, before.id),
        detail: { changed: Object.keys(request.body).toSorted().join(' ') },
      };
      requireWritten(await resources.update(after, auditEvent(context, event, random), before));
      return toResourceWire(after);
    }),
  );
}

function withoutLifetime({ accessTokenLifetime: _taken, ...rest }: Resource): Resource {
  return rest;
}

function registerDeletion(
  api: Api,
  { resources, clock, random, oneAtATime }: ResourceRouteDependencies,
): void {
  const remove = operation({
    operationId: 'deleteResource',
    summary: 'Delete an API',
    description: 'The consents and tokens for it go with it.',
    tag: 'resources',
    asks: ['resource.manage'],
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found', 'built_in'],
  });
  api.delete('/resources/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const { id } = await changeable(request, resources, request.params.id);
      const event = resourceEvent('resource.deleted', caller(request).id, id);
      await resources.delete(id, auditEvent(requestContext(request, clock), event, random));
      return reply.code(204).send(null);
    }),
  );
}
