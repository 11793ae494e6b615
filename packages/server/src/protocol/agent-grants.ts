/**
 * Grants as agents use them: looked at before, so that an agent gets no more than it may have now, and after, so that
 * no token outlives a stop. A stop first says so and then ends what there is; whoever reads, after its own token is
 * written, that nobody has said so yet has written it before that end.
 * @spec RFC 6749 §4.4, RFC 9068 §2.2 and §5 (a program's own token names the program), RFC 8693 §4.1
 */
import { isNarrower, mayGive, whyNothing } from '../access/agents.ts';
import type { AgentDetails, AgentPermission, AgentStanding } from '../domain/agent.ts';
import type { Actor } from '../domain/actor.ts';
import { type Client, DEVICE_CODE_GRANT, type GrantType, TOKEN_EXCHANGE_GRANT } from '../domain/client.ts';
import type { Agents } from '../ports/agents.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { Resources } from '../ports/resources.ts';
import type { GrantHandler } from './grants/grant-handler.ts';
import { OAuthError } from './oauth-error.ts';

export interface AgentDependencies {
  readonly agents: Pick<Agents, 'standing'>;
  readonly memberships: Pick<Memberships, 'ofUser'>;
  readonly resources: Pick<Resources, 'find'>;
}

/** Grants in which a person has a say: they bound what the agent gets. In all others it acts in its own name. */
const FOR_A_PERSON: readonly GrantType[] = [
  'authorization_code',
  'refresh_token',
  DEVICE_CODE_GRANT,
  TOKEN_EXCHANGE_GRANT,
];

/** For clients that are no agents, a grant stays what it is. */
export function withAgents(handler: GrantHandler, dependencies: AgentDependencies): GrantHandler {
  return {
    ...handler,
    exchange(form, client, context) {
      return client.agent === undefined
        ? handler.exchange(form, client, context)
        : exchangeAsAgent(handler, form, client, context, dependencies);
    },
  };
}

async function exchangeAsAgent(
  handler: GrantHandler,
  form: Parameters<GrantHandler['exchange']>[0],
  client: Client,
  context: Parameters<GrantHandler['exchange']>[2],
  dependencies: AgentDependencies,
): ReturnType<GrantHandler['exchange']> {
  const before = await standingOf(client, handler, context.at, dependencies);
  const response = await handler.exchange(form, { ...client, agent: before.agent }, context);
  const after = await standingOf(client, handler, context.at, dependencies);
  if (after.updatedAt !== before.updatedAt || isNarrower(after.agent, before.agent)) {
    throw refused('The agent was changed while this was under way');
  }
  return response;
}

/** What the agent may have with this grant, now. @throws OAuthError where that is nothing */
async function standingOf(
  client: Client,
  { type }: GrantHandler,
  at: number,
  dependencies: AgentDependencies,
): Promise<{ readonly agent: AgentDetails; readonly updatedAt: number }> {
  const standing = await dependencies.agents.standing(client.id);
  const reason = whyNothing(standing, at);
  if (standing === undefined || reason !== undefined) throw refused(reason ?? 'The agent has no owner');
  const { details, updatedAt } = standing;
  const agent = FOR_A_PERSON.includes(type) ? details : await inItsOwnName(standing, dependencies);
  return { agent, updatedAt };
}

/** With what its owner can give it and no more. */
async function inItsOwnName(
  { details, owner }: AgentStanding,
  { resources, memberships }: AgentDependencies,
): Promise<AgentDetails> {
  const ofOwner = await memberships.ofUser(owner.id);
  const permissions = details.permissions.map(async ({ resourceId, scopes }): Promise<AgentPermission> => {
    const resource = await resources.find(resourceId);
    if (resource === undefined) return { resourceId, scopes: [] };
    return { resourceId, scopes: scopes.filter((scope) => mayGive(owner, ofOwner, scope, resource)) };
  });
  return { ...details, permissions: await Promise.all(permissions) };
}

function refused(description: string): OAuthError {
  return new OAuthError('unauthorized_client', description);
}

/**
 * After a token is written in whose chain of actors others stand: none of them may have been stopped meanwhile.
 * @throws OAuthError
 */
export async function requireActors(
  actor: Actor | undefined,
  agents: Pick<Agents, 'standing'>,
): Promise<void> {
  for (let one = actor; one !== undefined; one = one.act) {
    // oxlint-disable-next-line no-await-in-loop -- at most a handful, and the first that is stopped decides
    const standing = await agents.standing(one.sub);
    if (
      standing !== undefined &&
      (standing.clientStatus !== 'active' || standing.owner.status !== 'active')
    ) {
      throw new OAuthError('invalid_request', 'The subject_token is not good', { detail: 'an actor ended' });
    }
  }
}
