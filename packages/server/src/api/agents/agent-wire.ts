/** An agent as its owner and administrators see it. Its secret is not part of it. */
import { type Static, Type } from '../../schema/type.ts';
import { mayGive, whyNothing } from '../../access/agents.ts';
import type { AgentDetails } from '../../domain/agent.ts';
import type { Client } from '../../domain/client.ts';
import type { Resource } from '../../domain/resource.ts';
import type { User } from '../../domain/user.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Users } from '../../ports/users.ts';
import { PageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import { Seconds, toSeconds } from '../seconds.ts';

/** A client that is an agent. */
export type Agent = Client & { readonly agent: AgentDetails };

export const AgentSchema = Type.Object(
  {
    client_id: Type.String(),
    client_name: Type.String(),
    purpose: Type.String(),
    owner_id: Type.String({ description: 'The person whom it acts for' }),
    status: Type.Enum(['active', 'due', 'stopped'], {
      description: 'due: it gets no tokens until its owner confirms it',
    }),
    reason: Type.Optional(Type.String({ description: 'Why it gets no tokens now' })),
    permissions: Type.Array(
      Type.Object({
        resource: Type.String({ description: 'The identifier of an API' }),
        resource_name: Type.String(),
        scope: Type.String(),
        scopes: Type.Array(
          Type.Object({
            name: Type.String(),
            description: Type.String(),
            own_name: Type.Boolean({
              description: 'Whether client credentials get it; else it is for what you let it do',
            }),
          }),
        ),
      }),
    ),
    acts_with: Type.Array(Type.String(), {
      description: 'Client ids of apps whose tokens of its owner it may exchange',
    }),
    token_endpoint_auth_method: Type.String(),
    redirect_uris: Type.Array(Type.String()),
    secret_hint: Type.Optional(Type.String({ description: 'The last four characters of its secret' })),
    review_at: Seconds('From when it gets no tokens until its owner confirms it'),
    confirmed_at: Seconds('When its owner last confirmed it'),
    stopped_at: Type.Optional(Seconds('When it was stopped')),
    stopped_by: Type.Optional(Type.String({ description: 'A user id' })),
    created_at: Seconds('When it was made'),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'Agent' },
);

export const CreatedAgentSchema = Type.Object(
  {
    ...AgentSchema.properties,
    client_secret: Type.Optional(
      Type.String({ description: 'Shown this once; absent where it has a key of its own' }),
    ),
  },
  { title: 'CreatedAgent' },
);

export const AgentPage = PageOf(AgentSchema, 'Agents');

export interface AgentWireDependencies {
  readonly resources: Pick<Resources, 'find'>;
  readonly users: Pick<Users, 'find'>;
  readonly memberships: Pick<Memberships, 'ofUser'>;
}

/** @param now milliseconds */
export async function toAgentWire(
  client: Agent,
  now: number,
  { resources, users, memberships }: AgentWireDependencies,
): Promise<Static<typeof AgentSchema>> {
  const { agent } = client;
  const owner = await users.find(agent.ownerId);
  const ofOwner = await memberships.ofUser(agent.ownerId);
  const isGiven = (scope: string, resource: Resource) =>
    owner !== undefined && mayGive(owner, ofOwner, scope, resource);
  const permissions = agent.permissions.map((each) => toPermissionWire(each, isGiven, resources));
  return {
    client_id: client.id,
    client_name: client.name,
    purpose: agent.purpose,
    owner_id: agent.ownerId,
    ...statusOf(client, owner, now),
    permissions: (await Promise.all(permissions)).filter((each) => each !== undefined),
    acts_with: [...agent.actsWith],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    redirect_uris: [...client.redirectUris],
    ...(client.secrets[0] !== undefined && { secret_hint: client.secrets[0].hint }),
    review_at: toSeconds(agent.reviewAt),
    confirmed_at: toSeconds(agent.confirmedAt),
    ...(agent.stoppedAt !== undefined && { stopped_at: toSeconds(agent.stoppedAt) }),
    ...(agent.stoppedBy !== undefined && { stopped_by: agent.stoppedBy }),
    created_at: toSeconds(client.createdAt),
    updated_at: toSeconds(client.updatedAt),
  };
}

function statusOf(client: Agent, owner: User | undefined, now: number) {
  const reason = whyNothing(
    owner && {
      details: client.agent,
      clientStatus: client.status,
      updatedAt: client.updatedAt,
      owner,
    },
    now,
  );
  if (reason === undefined) return { status: 'active' } as const;
  return { status: client.status === 'active' ? 'due' : 'stopped', reason } as const;
}

/** Undefined for an API that is gone. */
async function toPermissionWire(
  { resourceId, scopes }: AgentDetails['permissions'][number],
  isGiven: (scope: string, resource: Resource) => boolean,
  resources: Pick<Resources, 'find'>,
) {
  const resource = await resources.find(resourceId);
  if (resource === undefined) return undefined;
  return {
    resource: resource.identifier,
    resource_name: resource.name,
    scope: scopes.join(' '),
    scopes: scopes.map((name) => ({
      name,
      description: resource.scopes.find((scope) => scope.name === name)?.description ?? name,
      own_name: isGiven(name, resource),
    })),
  };
}

/** @throws Problem `not_found`, for a client that is no agent, too */
export async function existingAgent(clients: Pick<Clients, 'find'>, id: string): Promise<Agent> {
  const client = await clients.find(id);
  if (client?.agent === undefined) throw noAgent();
  return { ...client, agent: client.agent };
}

export function noAgent(): Problem {
  return new Problem('not_found', 'No agent has this id');
}
