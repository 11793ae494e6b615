/**
 * `/admin/v1/agents`: the agents of others, and the button that stops one. An organization answers for those of its
 * members, because they act with what its members may; an operator for all.
 */
import { Type } from '../../schema/type.ts';
import type { Agents } from '../../ports/agents.ts';
import type { FastifyRequest } from 'fastify';
import type { Memberships } from '../../ports/memberships.ts';
import { type Api, caller } from '../api.ts';
import { callerIsOperator, callerMay, ownedBy } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { operation } from '../operation.ts';
import { pageRequest, pagingParameters, toPage } from '../paging.ts';
import {
  type AgentChange,
  type AgentChangeDependencies,
  changeAgent,
  RESUME,
  stop,
} from './agent-changes.ts';
import { Problem } from '../problem.ts';
import {
  type Agent,
  AgentPage,
  AgentSchema,
  type AgentWireDependencies,
  existingAgent,
  noAgent,
  toAgentWire,
} from './agent-wire.ts';

export interface AgentRouteDependencies extends AgentChangeDependencies, AgentWireDependencies {
  readonly agents: Pick<Agents, 'list' | 'endHeld'>;
  readonly memberships: Pick<Memberships, 'ofUser'>;
}

const TAG = 'agents';

const AgentQuery = Type.Object(
  { ...pagingParameters, owner_id: Type.Optional(Identifier) },
  { additionalProperties: false },
);

export function registerAgentRoutes(api: Api, dependencies: AgentRouteDependencies): void {
  const { agents, clients, clock } = dependencies;
  const list = operation({
    operationId: 'listAgents',
    summary: 'List agents',
    description:
      'Your own, and those of members of organizations that you look after; operators see every one.',
    tag: TAG,
    asks: ['agent.read'],
    answers: { 200: { description: 'A page of agents, newest first', schema: AgentPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/agents', { schema: { ...list, querystring: AgentQuery } }, async (request) => {
    const { owner_id: ownerId } = request.query;
    const { organizationIds: ownersIn } = ownedBy(request, 'agent.read');
    const filter = { ...(ownerId !== undefined && { ownerId }), ...(ownersIn && { ownersIn }) };
    const page = await agents.list(filter, pageRequest(request.query));
    const found = await Promise.all(page.items.map((id) => existingAgent(clients, id)));
    const items = await Promise.all(found.map((each) => toAgentWire(each, clock(), dependencies)));
    return toPage({ ...page, items }, (wire) => wire);
  });

  const get = operation({
    operationId: 'getAgent',
    summary: 'Show an agent',
    tag: TAG,
    asks: ['agent.read'],
    answers: { 200: { description: 'The agent, without its secret', schema: AgentSchema } },
    problems: ['not_found'],
  });
  api.get('/agents/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toAgentWire(await seenAgent(request, request.params.id, dependencies), clock(), dependencies),
  );

  registerStop(api, dependencies);
}

/** An agent that the caller may see. @throws Problem `not_found`, the same for one that there is not */
async function seenAgent(
  request: FastifyRequest,
  id: string,
  dependencies: Pick<AgentRouteDependencies, 'clients' | 'memberships'>,
): Promise<Agent> {
  const agent = await existingAgent(dependencies.clients, id);
  if (await mayWithAgent(request, 'agent.read', agent, dependencies)) return agent;
  throw noAgent();
}

/** Whether the caller may in an organization that the owner of the agent is in now. */
async function mayWithAgent(
  request: FastifyRequest,
  action: 'agent.read' | 'agent.manage',
  { organizationId, agent: { ownerId } }: Agent,
  { memberships }: Pick<AgentRouteDependencies, 'memberships'>,
): Promise<boolean> {
  if (callerIsOperator(request) || callerMay(request, action, organizationId)) return true;
  const theirs = await memberships.ofUser(ownerId);
  return theirs.some((membership) => callerMay(request, action, membership.organizationId));
}

/** @param onlyOf whose stop may be taken back; undefined: anybody's */
function resumeBy(_by: string, onlyOf: string | undefined): AgentChange {
  return {
    ...RESUME,
    change(before, at) {
      if (onlyOf === undefined || before.agent.stoppedBy === onlyOf) return RESUME.change(before, at);
      throw new Problem('forbidden', 'Somebody else stopped this agent; they, or an operator, let it go on');
    },
  };
}

function registerStop(api: Api, dependencies: AgentRouteDependencies): void {
  const { clock } = dependencies;
  const changes = [
    ['stop', 'Stop an agent', 'It gets nothing more, and everything it holds ends at once.', stop],
    [
      'resume',
      'Let an agent go on',
      'It has to get its tokens anew. Whoever is no operator lets go on only what they have stopped themselves.',
      resumeBy,
    ],
  ] as const;
  for (const [verb, summary, description, change] of changes) {
    const described = operation({
      operationId: `${verb}Agent`,
      summary,
      description,
      tag: TAG,
      asks: ['agent.manage'],
      answers: { 200: { description: 'The agent as it is now', schema: AgentSchema } },
      problems: ['not_found', 'forbidden'],
    });
    const schema = { ...described, params: IdParameter };
    api.post(`/agents/:id/${verb}`, { schema }, async (request) => {
      const find = async () => {
        const agent = await seenAgent(request, request.params.id, dependencies);
        if (await mayWithAgent(request, 'agent.manage', agent, dependencies)) return agent;
        throw new Problem('forbidden', 'Your role does not allow this; ask an operator');
      };
      const by = callerIsOperator(request) ? undefined : caller(request).id;
      const after = await changeAgent(request, find, change(caller(request).id, by), dependencies);
      return toAgentWire(after, clock(), dependencies);
    });
  }
}
