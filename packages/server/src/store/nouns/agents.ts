import type { AgentStanding } from '../../domain/agent.ts';
import type { Client } from '../../domain/client.ts';
import type { Agents } from '../../ports/agents.ts';
import { toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { type ListCondition, listPage, ofOrganizations } from '../list-page.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { toAgent } from './agent-columns.ts';
import { endClient } from './end-client.ts';
import { enqueueMail } from './outbox.ts';

interface StandingColumns {
  readonly owner_id: string;
  readonly review_at: number;
  readonly details: string;
  readonly client_status: AgentStanding['clientStatus'];
  readonly updated_at: number;
  readonly owner_status: AgentStanding['owner']['status'];
  readonly owner_role: AgentStanding['owner']['role'];
  readonly owner_organization_id: string;
}

const findStanding = statement(
  'agent_standing',
  `SELECT agents.owner_id, agents.review_at, agents.details, clients.status AS client_status, clients.updated_at,
     users.status AS owner_status, users.role AS owner_role, users.organization_id AS owner_organization_id
   FROM agents JOIN clients ON clients.id = agents.client_id JOIN users ON users.id = agents.owner_id
   WHERE agents.client_id = $1`,
);
const findActing = statement(
  'agent_acting',
  `SELECT agents.client_id, agents.owner_id, agents.review_at, agents.details
   FROM agents JOIN clients ON clients.id = agents.client_id
   WHERE agents.owner_id = $1 AND clients.status = 'active' ORDER BY agents.seq`,
);
const findDue = statement(
  'agent_due',
  `SELECT agents.client_id, agents.owner_id, agents.review_at, agents.details
   FROM agents JOIN clients ON clients.id = agents.client_id
   WHERE agents.review_at <= $1 AND clients.status = 'active' ORDER BY agents.review_at`,
);

const lockAgent = lockingStatement(
  'agent_lock',
  'SELECT owner_id, review_at, details FROM agents WHERE client_id = $1',
);
const keepDetails = statement('agent_keep_details', 'UPDATE agents SET details = $2 WHERE client_id = $1');

interface AgentColumns {
  readonly client_id: string;
  readonly owner_id: string;
  readonly review_at: number;
  readonly details: string;
}

/** Owners of agents, by the organizations that they are in, their own among them. */
const isOwnerAmong = (among: string): string =>
  `EXISTS (SELECT 1 FROM (SELECT user_id, organization_id FROM memberships
     UNION ALL SELECT id AS user_id, organization_id FROM users) AS people
   WHERE people.user_id = owner_id AND ${among})`;

function ownersIn(ids: readonly string[] | undefined): ListCondition {
  const [sqlite, value, postgres = sqlite] = ofOrganizations('people.organization_id', ids);
  return [isOwnerAmong(sqlite), value, isOwnerAmong(postgres)];
}

export function createAgents(database: Database, clients: MemoryCache<Client>): Agents {
  return {
    async standing(clientId) {
      const [found] = await database.find<StandingColumns>(findStanding, clientId);
      const details = found && toAgent(found.owner_id, found.review_at, found.details);
      if (found === undefined || details === undefined) return undefined;
      return {
        details,
        clientStatus: found.client_status,
        updatedAt: found.updated_at,
        owner: {
          id: found.owner_id,
          status: found.owner_status,
          role: found.owner_role,
          organizationId: found.owner_organization_id,
        },
      };
    },

    list: (filter, page) =>
      listPage<{ readonly seq: number; readonly client_id: string }, string>(
        database,
        {
          name: 'agents',
          table: 'agents',
          select: 'SELECT seq, client_id FROM {page} ORDER BY seq DESC',
          where: [['owner_id = $', filter.ownerId], ownersIn(filter.ownersIn)],
          toItems: (found) => found.map((each) => each.client_id),
        },
        page,
      ),

    async actingWith(ownerId, clientId) {
      const found = await database.find<AgentColumns>(findActing, ownerId);
      return found
        .filter(({ owner_id, review_at, details }) =>
          toAgent(owner_id, review_at, details)?.actsWith.includes(clientId),
        )
        .map((each) => each.client_id);
    },

    async dueForReview(until) {
      const found = await database.scan<AgentColumns>(findDue, until);
      return found
        .filter(({ owner_id, review_at, details }) => {
          const agent = toAgent(owner_id, review_at, details);
          return agent !== undefined && agent.remindedOf !== agent.reviewAt;
        })
        .map((each) => each.client_id);
    },

    async remind(clientId, reviewAt, mail) {
      const reminded = await database.write(function* (): Verb<boolean> {
        const found = yield* row<Omit<AgentColumns, 'client_id'>>(lockAgent, clientId);
        const agent = found && toAgent(found.owner_id, found.review_at, found.details);
        if (agent === undefined || agent.reviewAt !== reviewAt || agent.remindedOf === reviewAt) return false;
        const { ownerId: _owner, reviewAt: _review, ...details } = agent;
        yield* lastly(
          step(keepDetails, clientId, toJson({ ...details, remindedOf: reviewAt })),
          mail === undefined ? undefined : enqueueMail(mail),
        );
        return true;
      });
      clients.forget(clientId);
      return reminded;
    },

    endHeld: (clientId, at, reason) =>
      database.write(function* () {
        yield* lastly(...endClient(clientId, at, reason));
      }),
  };
}
