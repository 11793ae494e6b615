/** `/account/v1/applications`: the apps that a person let in, and how to be rid of them. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { Type } from '../../../schema/type.ts';
import type { Client } from '../../../domain/client.ts';
import type { Connection, Disconnection } from '../../../domain/connection.ts';
import type { Audit } from '../../../ports/audit.ts';
import type { Clients } from '../../../ports/clients.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Connections } from '../../../ports/connections.ts';
import type { Resources } from '../../../ports/resources.ts';
import { requestContext } from '../../../http/app.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { type Api, caller } from '../../api.ts';
import { IdParameter } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { PageOf, pageRequest, PagingQuery, toPage } from '../../paging.ts';
import { Problem } from '../../problem.ts';
import { toSeconds } from '../../seconds.ts';
import {
  ApplicationPage,
  ApplicationSchema,
  BlockedSchema,
  DisconnectionSchema,
  HistorySchema,
  toApplicationWire,
  toHistoryWire,
} from './application-wire.ts';
import { pageOfConnections } from './connection-cursor.ts';

export interface ApplicationRouteDependencies {
  readonly connections: Connections;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'find' | 'findDefault'>;
  readonly audit: Pick<Audit, 'list'>;
  readonly clock: Clock;
  readonly random: Random;
}

const TAG = 'applications';

export function registerApplicationRoutes(api: Api, dependencies: ApplicationRouteDependencies): void {
  registerReading(api, dependencies);
  registerHistory(api, dependencies);
  registerDisconnection(api, dependencies);
  registerBlocking(api, dependencies);
  registerUnblocking(api, dependencies);
}

/** Nobody's app but one's own: an id of somebody else's app answers as one that there is not. */
function unknown(): Problem {
  return new Problem('not_found', 'No app with this id has access to your account');
}

function registerReading(
  api: Api,
  { connections, clients, resources, clock }: ApplicationRouteDependencies,
): void {
  const toWire = async (connection: Connection) => {
    const client = await clients.find(connection.clientId);
    return client && toApplicationWire(connection, client, resources);
  };
  const list = operation({
    operationId: 'listApplications',
    summary: 'List the apps that have access to your account',
    tag: TAG,
    answers: { 200: { description: 'A page of apps, newest first', schema: ApplicationPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/applications', { schema: { ...list, querystring: PagingQuery } }, async (request) => {
    const all = await connections.list(caller(request).id, clock());
    const page = pageOfConnections(all, pageRequest(request.query));
    const items = await Promise.all(page.items.map(toWire));
    return toPage({ ...page, items: items.filter((each) => each !== undefined) }, (wire) => wire);
  });

  const get = operation({
    operationId: 'getApplication',
    summary: 'Show an app that has access to your account',
    tag: TAG,
    answers: { 200: { description: 'The app, and what it may do', schema: ApplicationSchema } },
    problems: ['not_found'],
  });
  api.get('/applications/:id', { schema: { ...get, params: IdParameter } }, async (request) => {
    const all = await connections.list(caller(request).id, clock());
    const found = all.find(({ clientId }) => clientId === request.params.id);
    const wire = found && (await toWire(found));
    if (wire === undefined) throw unknown();
    return wire;
  });
}

function registerHistory(api: Api, { audit }: ApplicationRouteDependencies): void {
  const list = operation({
    operationId: 'listApplicationEvents',
    summary: 'What an app asked of you, and what became of it',
    tag: TAG,
    answers: {
      200: { description: 'A page of events, newest first', schema: PageOf(HistorySchema, 'History') },
    },
    problems: ['invalid_cursor'],
  });
  const schema = { ...list, params: IdParameter, querystring: PagingQuery };
  api.get('/applications/:id/events', { schema }, async (request) => {
    const filter = { userId: caller(request).id, clientId: request.params.id };
    return toPage(await audit.list(filter, pageRequest(request.query)), toHistoryWire);
  });
}

function toDisconnectionWire({ grants, refreshTokens, accessTokens }: Disconnection) {
  return { grants, refresh_tokens: refreshTokens, access_tokens: accessTokens };
}

async function disconnect(
  request: FastifyRequest,
  clientId: string,
  { connections, clock, random }: ApplicationRouteDependencies,
): Promise<Disconnection | undefined> {
  const context = requestContext(request, clock);
  const { id: userId } = caller(request);
  return connections.disconnect(userId, clientId, context.at, (ended) =>
    auditEvent(
      context,
      {
        type: 'application.disconnected',
        outcome: 'success',
        actor: userId,
        userId,
        clientId,
        detail: toDisconnectionWire(ended),
      },
      random,
    ),
  );
}

function registerDisconnection(api: Api, dependencies: ApplicationRouteDependencies): void {
  const remove = operation({
    operationId: 'disconnectApplication',
    summary: 'Disconnect an app',
    description: 'All that it holds for you ends at once, and it has to ask you again.',
    tag: TAG,
    answers: { 200: { description: 'What has ended', schema: DisconnectionSchema } },
    problems: ['not_found'],
  });
  api.delete('/applications/:id', { schema: { ...remove, params: IdParameter } }, async (request) => {
    const ended = await disconnect(request, request.params.id, dependencies);
    if (ended === undefined) throw unknown();
    return toDisconnectionWire(ended);
  });
}

const NOTHING: Disconnection = { grants: 0, refreshTokens: 0, accessTokens: 0 };

function registerBlocking(api: Api, dependencies: ApplicationRouteDependencies): void {
  const { connections, clients, clock, random } = dependencies;
  const block = operation({
    operationId: 'blockApplication',
    summary: 'Block an app',
    description: 'It is disconnected, and cannot ask you again until you unblock it.',
    tag: TAG,
    answers: { 200: { description: 'What has ended', schema: DisconnectionSchema } },
    problems: ['not_found', 'built_in'],
  });
  api.post('/applications/:id/block', { schema: { ...block, params: IdParameter } }, async (request) => {
    const { id: userId } = caller(request);
    const client = await knownClient(userId, request.params.id, dependencies);
    if (client.registeredBy === 'built-in') throw new Problem('built_in', 'This app is part of Tessera');
    const context = requestContext(request, clock);
    const event = {
      type: 'application.blocked',
      outcome: 'success',
      actor: userId,
      userId,
      clientId: client.id,
    } as const;
    // First of all: what asks while the rest is done is refused.
    await connections.block(userId, client.id, context.at, auditEvent(context, event, random));
    return toDisconnectionWire((await disconnect(request, client.id, dependencies)) ?? NOTHING);
  });

  const list = operation({
    operationId: 'listBlockedApplications',
    summary: 'List the apps that you blocked',
    tag: TAG,
    answers: {
      200: { description: 'The latest first', schema: Type.Object({ items: Type.Array(BlockedSchema) }) },
    },
  });
  api.get('/blocked-applications', { schema: list }, async (request) => {
    const blocked = await connections.blocked(caller(request).id);
    const items = blocked.map(async ({ clientId, at }) => {
      const client = await clients.find(clientId);
      return {
        client_id: clientId,
        ...(client !== undefined && { client_name: client.name }),
        blocked_at: toSeconds(at),
      };
    });
    return { items: await Promise.all(items) };
  });
}

/** An app that the person has met: connected, or one that asked them. @throws Problem `not_found` */
async function knownClient(
  userId: string,
  clientId: string,
  { connections, clients, audit, clock }: ApplicationRouteDependencies,
): Promise<Client> {
  const client = await clients.find(clientId);
  if (client === undefined) throw unknown();
  const connected = await connections.list(userId, clock());
  if (connected.some((each) => each.clientId === clientId)) return client;
  const { items } = await audit.list({ userId, clientId }, { limit: 1 });
  if (items.length === 0) throw unknown();
  return client;
}

function registerUnblocking(api: Api, { connections, clock, random }: ApplicationRouteDependencies): void {
  const unblock = operation({
    operationId: 'unblockApplication',
    summary: 'Let an app ask you again',
    tag: TAG,
    answers: { 204: { description: 'It may ask', schema: null } },
    problems: ['not_found'],
  });
  const schema = { ...unblock, params: IdParameter };
  api.delete('/blocked-applications/:id', { schema }, async (request, reply) => {
    const { id: userId } = caller(request);
    const clientId = request.params.id;
    const event = {
      type: 'application.unblocked',
      outcome: 'success',
      actor: userId,
      userId,
      clientId,
    } as const;
    const audit = auditEvent(requestContext(request, clock), event, random);
    if (!(await connections.unblock(userId, clientId, audit))) {
      throw new Problem('not_found', 'You have not blocked an app with this id');
    }
    return reply.code(204).send(null);
  });
}
