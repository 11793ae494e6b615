/** `/admin/v1/clients`: the apps that may ask for tokens. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { Type } from '../../schema/type.ts';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { type Client, usesSecret } from '../../domain/client.ts';
import { USER_ID_PREFIX } from '../../domain/user.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Outbound } from '../../ports/outbound.ts';
import type { Organizations } from '../../ports/organizations.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { ClientName, metadataMembers, removableMembers } from '../../protocol/client-metadata/members.ts';
import { newClientSecret } from '../../protocol/client-secret.ts';
import { type Api, caller } from '../api.ts';
import { callerIsOperator, ownedBy, requireAction, seen } from '../authority-of-caller.ts';
import { Identifier, IdParameter, newIdentifier } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten, untilUnchanged } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { OwnedQuery, pageRequest, toPage } from '../paging.ts';
import { organizationNamed } from '../owner-named.ts';
import { Problem } from '../problem.ts';
import {
  ClientPage,
  ClientSchema,
  CreatedClientSchema,
  optionalProtocolMembers,
  removableProtocolMembers,
  toClientWire,
} from './client-wire.ts';
import { changed, registered, requireSector } from './registration.ts';

export interface ClientRouteDependencies {
  readonly clients: Clients;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly personalApps: boolean;
  readonly outbound: Pick<Outbound, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const NewClient = Type.Object(
  {
    client_name: ClientName,
    ...metadataMembers,
    scope: Type.Optional(removableMembers.scope),
    client_uri: Type.Optional(removableMembers.client_uri),
    logo_uri: Type.Optional(removableMembers.logo_uri),
    policy_uri: Type.Optional(removableMembers.policy_uri),
    tos_uri: Type.Optional(removableMembers.tos_uri),
    contacts: Type.Optional(removableMembers.contacts),
    ...optionalProtocolMembers,
    client_id: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9._-]{3,64}$', description: 'Chosen for you unless given' }),
    ),
    organization_id: Type.Optional(Identifier),
  },
  { additionalProperties: false, title: 'NewClient' },
);

const ClientChanges = Type.Object(
  {
    client_name: Type.Optional(ClientName),
    ...metadataMembers,
    scope: Type.Optional(Type.Union([removableMembers.scope, Type.Null()])),
    client_uri: Type.Optional(Type.Union([removableMembers.client_uri, Type.Null()])),
    logo_uri: Type.Optional(Type.Union([removableMembers.logo_uri, Type.Null()])),
    policy_uri: Type.Optional(Type.Union([removableMembers.policy_uri, Type.Null()])),
    tos_uri: Type.Optional(Type.Union([removableMembers.tos_uri, Type.Null()])),
    contacts: Type.Optional(Type.Union([removableMembers.contacts, Type.Null()])),
    ...removableProtocolMembers,
    status: Type.Optional(Type.Enum(['active', 'disabled'])),
  },
  { additionalProperties: false, title: 'ClientChanges' },
);

export function registerClientRoutes(api: Api, dependencies: ClientRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

/** A client that the caller may see. @throws Problem `not_found` */
export async function existingClient(
  request: FastifyRequest,
  clients: Pick<Clients, 'find'>,
  id: string,
): Promise<Client> {
  return seen(request, 'client.read', await clients.find(id), 'No client has this id');
}

/** A client that the caller may change. @throws Problem `not_found`, `forbidden`, `built_in` */
export async function changeableClient(
  request: FastifyRequest,
  clients: Pick<Clients, 'find'>,
  id: string,
): Promise<Client> {
  const client = await existingClient(request, clients, id);
  requireAction(request, 'client.manage', client);
  if (client.registeredBy === 'built-in') throw new Problem('built_in', 'This client is part of Tessera');
  if (client.agent !== undefined) {
    throw new Problem('forbidden', 'This client is an agent: its owner changes it, and operators stop it');
  }
  return client;
}

/** The audit details of something done to a client. */
export function clientEvent(type: AuditEventType, actor: string, clientId: string) {
  return { type, outcome: 'success', actor, clientId } as const;
}

function registerReading(api: Api, { clients }: ClientRouteDependencies): void {
  const list = operation({
    operationId: 'listClients',
    summary: 'List clients',
    tag: 'clients',
    asks: ['client.read'],
    answers: { 200: { description: 'A page of clients, newest first', schema: ClientPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/clients', { schema: { ...list, querystring: OwnedQuery } }, async (request) => {
    const filter = ownedBy(request, 'client.read', request.query.organization_id);
    return toPage(await clients.list(filter, pageRequest(request.query)), toClientWire);
  });

  const get = operation({
    operationId: 'getClient',
    summary: 'Show a client',
    tag: 'clients',
    asks: ['client.read'],
    answers: { 200: { description: 'The client, without its secrets', schema: ClientSchema } },
    problems: ['not_found'],
  });
  api.get('/clients/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toClientWire(await existingClient(request, clients, request.params.id)),
  );
}

function registerCreation(api: Api, dependencies: ClientRouteDependencies): void {
  const { clients, organizations, outbound, clock, random } = dependencies;
  const create = operation({
    operationId: 'createClient',
    summary: 'Register a client',
    description:
      'Takes and gives client metadata (RFC 7591 §2). A client that authenticates by a secret gets it in this answer only. Where operators do not set a client_id, it is chosen.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 201: { description: 'The new client', schema: CreatedClientSchema } },
    problems: ['invalid_client_metadata', 'invalid_redirect_uri', 'already_exists'],
  });
  api.post('/clients', { schema: { ...create, body: NewClient } }, async (request, reply) => {
    const { client_id, organization_id, ...metadata } = request.body;
    const owner = await organizationNamed(request, organizations, organization_id, 'client.manage');
    const isOperator = callerIsOperator(request);
    if (owner.kind === 'personal' && !isOperator && !dependencies.personalApps) {
      throw new Problem('forbidden', 'On this server, apps belong to organizations; name one of yours');
    }
    const accepted = registered(metadata);
    requireOfClient(client_id, isOperator);
    await requireSector(accepted, outbound);
    const context = requestContext(request, clock);
    const { at } = context;
    const id = client_id ?? newIdentifier('app', random);
    const secret = usesSecret(accepted.tokenEndpointAuthMethod)
      ? newClientSecret(at, undefined, random)
      : undefined;
    const client: Client = {
      id,
      organizationId: owner.id,
      ...accepted,
      firstParty: false,
      registeredBy: isOperator ? 'operator' : 'member',
      status: 'active',
      secrets: secret === undefined ? [] : [secret.kept],
      createdAt: at,
      updatedAt: at,
    };
    const event = clientEvent('client.created', caller(request).id, id);
    await clients.create(client, auditEvent(context, event, random));
    const shown = secret !== undefined && { client_secret: secret.value, client_secret_expires_at: 0 };
    const location = `${request.url.split('?', 1)[0]}/${id}`;
    return reply
      .code(201)
      .header('location', location)
      .send({ ...toClientWire(client), ...shown });
  });
}

/** Actors of the audit log that are nobody's account. */
const OTHER_ACTORS: readonly string[] = ['system', 'anonymous'];

/** A client id is never that of a user (RFC 9068 §5), of another actor, or what looks like a token. Names are for all. */
function requireOfClient(clientId: string | undefined, isOperator: boolean): void {
  if (clientId === undefined) return;
  const detail = !isOperator
    ? 'is chosen by operators only'
    : clientId.startsWith(USER_ID_PREFIX)
      ? `must not start with ${USER_ID_PREFIX}, which user ids do`
      : clientId.startsWith('tsr_')
        ? 'must not start with tsr_, which tokens do'
        : OTHER_ACTORS.includes(clientId)
          ? 'is the name of another actor in the audit log'
          : undefined;
  if (detail === undefined) return;
  throw new Problem('invalid_client_metadata', `invalid_client_metadata: /client_id ${detail}`, [
    { pointer: '/client_id', detail },
  ]);
}

function registerChange(api: Api, dependencies: ClientRouteDependencies): void {
  const { clients, outbound, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateClient',
    summary: 'Change a client',
    description:
      'Members that are given replace what was; null takes one away. A client whose method of authentication needs no secret loses those it has; one whose method does gets its first from POST …/secrets.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 200: { description: 'The client as it is now', schema: ClientSchema } },
    problems: ['invalid_client_metadata', 'invalid_redirect_uri', 'not_found', 'built_in'],
  });
  const schema = { ...update, params: IdParameter, body: ClientChanges };
  api.patch('/clients/:id', { schema }, (request) => {
    const asksSector = 'sector_identifier_uri' in request.body || 'redirect_uris' in request.body;
    const inTurn = asksSector ? untilUnchanged : oneAtATime;
    return inTurn(async () => {
      const before = await changeableClient(request, clients, request.params.id);
      const { status, ...changes } = request.body;
      refuseChangesOfDocument(before, changes);
      const context = requestContext(request, clock);
      const at = changeTime(context.at, before);
      const after: Client = { ...changed(before, changes, at), ...(status !== undefined && { status }) };
      if (asksSector) await requireSector(after, outbound);
      const event = {
        ...clientEvent('client.updated', caller(request).id, before.id),
        detail: { changed: Object.keys(request.body).toSorted().join(' ') },
      };
      requireWritten(await clients.update(after, auditEvent(context, event, random), before));
      return toClientWire(after);
    });
  });
}

/** What a document says is read anew at each sign-in; only whether the client may come is decided here. */
function refuseChangesOfDocument(client: Client, changes: object): void {
  const [member] = Object.keys(changes);
  if (client.registeredBy !== 'metadata_document' || member === undefined) return;
  const detail = 'comes from the document of the app; only status can be changed here';
  throw new Problem('invalid_client_metadata', `invalid_client_metadata: /${member} ${detail}`, [
    { pointer: `/${member}`, detail },
  ]);
}

function registerDeletion(api: Api, { clients, clock, random, oneAtATime }: ClientRouteDependencies): void {
  const remove = operation({
    operationId: 'deleteClient',
    summary: 'Delete a client',
    description: 'Its grants and tokens end with it, and it serves no API any more.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found', 'built_in'],
  });
  api.delete('/clients/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const { id } = await changeableClient(request, clients, request.params.id);
      const event = clientEvent('client.deleted', caller(request).id, id);
      await clients.delete(id, auditEvent(requestContext(request, clock), event, random));
      return reply.code(204).send(null);
    }),
  );
}
