/** `/admin/v1/agents`: every agent, whoever owns it, and the button that stops one. */
import { Type } from '../../schema/type.ts';
import type { Agents } from '../../ports/agents.ts';
import { type Api, caller } from '../api.ts';
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
import {
  AgentPage,
  AgentSchema,
  type AgentWireDependencies,
  existingAgent,
  toAgentWire,
} from './agent-wire.ts';

export interface AgentRouteDependencies extends AgentChangeDependencies, AgentWireDependencies {
  readonly agents: Pick<Agents, 'list' | 'endHeld'>;
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
    tag: TAG,
    answers: { 200: { description: 'A page of agents, newest first', schema: AgentPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/agents', { schema: { ...list, querystring: AgentQuery } }, async (request) => {
    const { owner_id: ownerId } = request.query;
    const page = await agents.list(ownerId === undefined ? {} : { ownerId }, pageRequest(request.query));
    const found = await Promise.all(page.items.map((id) => existingAgent(clients, id)));
    const items = await Promise.all(found.map((each) => toAgentWire(each, clock(), dependencies)));
    return toPage({ ...page, items }, (wire) => wire);
  });

  const get = operation({
    operationId: 'getAgent',
    summary: 'Show an agent',
    tag: TAG,
    answers: { 200: { description: 'The agent, without its secret', schema: AgentSchema } },
    problems: ['not_found'],
  });
  api.get('/agents/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toAgentWire(await existingAgent(clients, request.params.id), clock(), dependencies),
  );

  registerStop(api, dependencies);
}

function registerStop(api: Api, dependencies: AgentRouteDependencies): void {
  const { clients, clock } = dependencies;
  const changes = [
    ['stop', 'Stop an agent', 'It gets nothing more, and everything it holds ends at once.', stop],
    ['resume', 'Let an agent go on', 'It has to get its tokens anew.', (): AgentChange => RESUME],
  ] as const;
  for (const [verb, summary, description, change] of changes) {
    const described = operation({
      operationId: `${verb}Agent`,
      summary,
      description,
      tag: TAG,
      answers: { 200: { description: 'The agent as it is now', schema: AgentSchema } },
      problems: ['not_found'],
    });
    const schema = { ...described, params: IdParameter };
    api.post(`/agents/:id/${verb}`, { schema }, async (request) => {
      const find = () => existingAgent(clients, request.params.id);
      const after = await changeAgent(request, find, change(caller(request).id), dependencies);
      return toAgentWire(after, clock(), dependencies);
    });
  }
}
