/** `/account/v1/agents`: the agents of a person. Somebody else's answer as those that there are not. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import type { Static } from '../../../schema/type.ts';
import { isNarrower } from '../../../access/agents.ts';
import { usesSecret } from '../../../domain/client.ts';
import { requestContext } from '../../../http/app.ts';
import type { Agents } from '../../../ports/agents.ts';
import type { Clients } from '../../../ports/clients.ts';
import type { Resources } from '../../../ports/resources.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { newClientSecret } from '../../../protocol/client-secret.ts';
import {
  type AgentChange,
  type AgentChangeDependencies,
  changeAgent,
  RESUME,
  stop,
} from '../../agents/agent-changes.ts';
import {
  type Agent,
  AgentPage,
  AgentSchema,
  type AgentWireDependencies,
  CreatedAgentSchema,
  existingAgent,
  noAgent,
  toAgentWire,
} from '../../agents/agent-wire.ts';
import { type Api, caller } from '../../api.ts';
import { IdParameter, newIdentifier } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { pageRequest, PagingQuery, toPage } from '../../paging.ts';
import { Problem } from '../../problem.ts';
import { requireRecentSignIn } from '../../recent-sign-in.ts';
import {
  AgentChanges,
  agentDetails,
  agentMetadata,
  checkActsWith,
  Confirmation,
  NewAgent,
  readPermissions,
  reviewDate,
} from './agent-body.ts';

export interface OwnAgentRouteDependencies extends AgentChangeDependencies, AgentWireDependencies {
  readonly clients: Pick<Clients, 'find' | 'create' | 'update' | 'delete'>;
  readonly agents: Pick<Agents, 'list' | 'actingWith' | 'endHeld'>;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier'>;
  readonly random: Random;
}

const TAG = 'agents';
const MAX_AGENTS = 100;

export function registerOwnAgentRoutes(api: Api, dependencies: OwnAgentRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerVerbs(api, dependencies);
  registerSecret(api, dependencies);
  registerDeletion(api, dependencies);
}

/** @throws Problem `not_found` */
async function ownAgent(
  request: FastifyRequest,
  id: string,
  { clients }: Pick<OwnAgentRouteDependencies, 'clients'>,
): Promise<Agent> {
  const agent = await existingAgent(clients, id);
  if (agent.agent.ownerId !== caller(request).id) throw noAgent();
  return agent;
}

function registerReading(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const { agents, clients, clock } = dependencies;
  const list = operation({
    operationId: 'listOwnAgents',
    summary: 'List your agents',
    tag: TAG,
    answers: { 200: { description: 'A page of agents, newest first', schema: AgentPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/agents', { schema: { ...list, querystring: PagingQuery } }, async (request) => {
    const page = await agents.list({ ownerId: caller(request).id }, pageRequest(request.query));
    const found = await Promise.all(page.items.map((id) => existingAgent(clients, id)));
    const items = await Promise.all(found.map((each) => toAgentWire(each, clock(), dependencies)));
    return toPage({ ...page, items }, (wire) => wire);
  });

  const get = operation({
    operationId: 'getOwnAgent',
    summary: 'Show an agent of yours',
    tag: TAG,
    answers: { 200: { description: 'The agent, without its secret', schema: AgentSchema } },
    problems: ['not_found'],
  });
  api.get('/agents/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toAgentWire(await ownAgent(request, request.params.id, dependencies), clock(), dependencies),
  );
}

function registerCreation(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const { clients, agents, clock, random } = dependencies;
  const create = operation({
    operationId: 'createAgent',
    summary: 'Make an agent',
    description:
      'An app that acts for you, with no more than you give it, until you stop it or its review date has passed.',
    tag: TAG,
    answers: { 201: { description: 'The agent, with its secret this once', schema: CreatedAgentSchema } },
    problems: ['invalid_client_metadata', 'invalid_redirect_uri', 'recent_sign_in_required'],
  });
  api.post('/agents', { schema: { ...create, body: NewAgent } }, async (request, reply) => {
    const owner = caller(request);
    const context = requestContext(request, clock);
    const { at } = context;
    requireRecentSignIn(request, at);
    const { items } = await agents.list({ ownerId: owner.id }, { limit: MAX_AGENTS });
    if (items.length >= MAX_AGENTS) {
      throw new Problem('invalid_request', `You may have ${MAX_AGENTS} agents; delete one first`);
    }
    const metadata = agentMetadata(request.body);
    const secret = usesSecret(metadata.tokenEndpointAuthMethod)
      ? newClientSecret(at, undefined, random)
      : undefined;
    const agent: Agent = {
      id: newIdentifier('app', random),
      organizationId: owner.organizationId,
      ...metadata,
      firstParty: false,
      registeredBy: 'member',
      status: 'active',
      secrets: secret === undefined ? [] : [secret.kept],
      agent: await agentDetails(request.body, owner.id, at, dependencies),
      createdAt: at,
      updatedAt: at,
    };
    const event = {
      type: 'agent.created',
      outcome: 'success',
      actor: owner.id,
      userId: owner.id,
      clientId: agent.id,
    } as const;
    await clients.create(agent, auditEvent(context, event, random));
    const wire = await toAgentWire(agent, at, dependencies);
    return reply
      .code(201)
      .header('location', `${request.url.split('?', 1)[0]}/${agent.id}`)
      .send({ ...wire, ...(secret !== undefined && { client_secret: secret.value }) });
  });
}

function registerChange(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const update = operation({
    operationId: 'updateAgent',
    summary: 'Change an agent',
    description:
      'Members that are given replace what was. Where it may do less than before, everything it holds ends, and it has to ask anew.',
    tag: TAG,
    answers: { 200: { description: 'The agent as it is now', schema: AgentSchema } },
    problems: ['not_found'],
  });
  const schema = { ...update, params: IdParameter, body: AgentChanges };
  api.patch('/agents/:id', { schema }, async (request) => {
    const { id } = request.params;
    const found = await ownAgent(request, id, dependencies);
    const details = await changedDetails(request.body, found, dependencies);
    const change: AgentChange = {
      type: 'agent.updated',
      detail: { changed: Object.keys(request.body).toSorted().join(' ') },
      change: (before) => ({
        ...before,
        ...(request.body.client_name === undefined ? {} : { name: request.body.client_name }),
        agent: { ...before.agent, ...details },
      }),
      narrows: (after, before) => isNarrower(after.agent, before.agent),
    };
    return answer(request, id, change, dependencies);
  });
}

async function changedDetails(
  { purpose, permissions, acts_with: actsWith }: Static<typeof AgentChanges>,
  { id, agent }: Agent,
  dependencies: OwnAgentRouteDependencies,
): Promise<Partial<Agent['agent']>> {
  return {
    ...(purpose === undefined ? {} : { purpose }),
    ...(permissions === undefined ? {} : { permissions: await readPermissions(permissions, dependencies) }),
    ...(actsWith === undefined
      ? {}
      : { actsWith: await checkActsWith(actsWith, agent.ownerId, id, dependencies) }),
  };
}

/** Makes a change, and shows the agent. */
async function answer(
  request: FastifyRequest,
  id: string,
  change: AgentChange,
  dependencies: OwnAgentRouteDependencies,
): Promise<Static<typeof AgentSchema>> {
  const after = await changeAgent(request, () => ownAgent(request, id, dependencies), change, dependencies);
  return toAgentWire(after, dependencies.clock(), dependencies);
}

function verbSchema(verb: string, summary: string, description: string) {
  const answers = { 200: { description: 'The agent as it is now', schema: AgentSchema } };
  const operationId = `${verb}OwnAgent`;
  const described = { operationId, summary, description, tag: TAG, answers };
  return { ...operation({ ...described, problems: ['not_found'] }), params: IdParameter };
}

function registerVerbs(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const stopped = verbSchema(
    'stop',
    'Stop an agent',
    'It gets nothing more, and everything it holds ends at once, tokens that others got through it, too.',
  );
  api.post('/agents/:id/stop', { schema: stopped }, (request) =>
    answer(request, request.params.id, stop(caller(request).id), dependencies),
  );

  const resumed = verbSchema('resume', 'Let an agent go on', 'It has to get its tokens anew.');
  api.post('/agents/:id/resume', { schema: resumed }, (request) => {
    const change: AgentChange = {
      ...RESUME,
      change(before, at) {
        const { stoppedBy = before.agent.ownerId } = before.agent;
        if (stoppedBy === before.agent.ownerId) return RESUME.change(before, at);
        throw new Problem(
          'forbidden',
          'Somebody else stopped this agent; they, or an operator, let it go on',
        );
      },
    };
    return answer(request, request.params.id, change, dependencies);
  });

  const confirmed = verbSchema(
    'confirm',
    'Confirm that an agent is still needed',
    'Sets its next review date.',
  );
  api.post('/agents/:id/confirm', { schema: { ...confirmed, body: Confirmation } }, (request) => {
    const change: AgentChange = {
      type: 'agent.confirmed',
      change: (before, at) => ({
        ...before,
        agent: { ...before.agent, confirmedAt: at, reviewAt: reviewDate(request.body.review_at, at) },
      }),
    };
    return answer(request, request.params.id, change, dependencies);
  });
}

function registerSecret(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const { clock, random } = dependencies;
  const rotate = operation({
    operationId: 'rotateAgentSecret',
    summary: 'Give an agent a new secret',
    description: 'The old one is refused from now on; tokens that it got stay good.',
    tag: TAG,
    answers: { 201: { description: 'The agent, with its secret this once', schema: CreatedAgentSchema } },
    problems: ['not_found', 'invalid_client_metadata', 'recent_sign_in_required'],
  });
  api.post('/agents/:id/secrets', { schema: { ...rotate, params: IdParameter } }, async (request, reply) => {
    const at = clock();
    requireRecentSignIn(request, at);
    const secret = newClientSecret(at, undefined, random);
    const change: AgentChange = {
      type: 'agent.secret_rotated',
      change(before) {
        if (usesSecret(before.tokenEndpointAuthMethod)) return { ...before, secrets: [secret.kept] };
        throw new Problem('invalid_client_metadata', 'This agent has a key of its own, and no secret');
      },
    };
    const wire = await answer(request, request.params.id, change, dependencies);
    return reply.code(201).send({ ...wire, client_secret: secret.value });
  });
}

function registerDeletion(api: Api, dependencies: OwnAgentRouteDependencies): void {
  const { clients, agents, clock, random } = dependencies;
  const remove = operation({
    operationId: 'deleteAgent',
    summary: 'Delete an agent',
    description: 'Everything it holds ends at once.',
    tag: TAG,
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/agents/:id', { schema: { ...remove, params: IdParameter } }, async (request, reply) => {
    const { id, agent } = await ownAgent(request, request.params.id, dependencies);
    const event = {
      type: 'agent.deleted',
      outcome: 'success',
      actor: agent.ownerId,
      userId: agent.ownerId,
      clientId: id,
    } as const;
    await clients.delete(id, auditEvent(requestContext(request, clock), event, random));
    await agents.endHeld(id, clock(), 'client_deleted');
    return reply.code(204).send(null);
  });
}
