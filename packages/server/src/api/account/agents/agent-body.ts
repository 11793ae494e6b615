/** What an owner says of an agent, and what that makes it. */
import { type Static, Type } from '../../../schema/type.ts';
import {
  AGENT_REVIEW_MS,
  type AgentDetails,
  type AgentPermission,
  LONGEST_AGENT_REVIEW_MS,
} from '../../../domain/agent.ts';
import { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from '../../../domain/client.ts';
import type { Agents } from '../../../ports/agents.ts';
import type { Clients } from '../../../ports/clients.ts';
import type { Resources } from '../../../ports/resources.ts';
import { ClientName } from '../../../protocol/client-metadata/members.ts';
import type { ClientMetadata, RegisteredMetadata } from '../../../protocol/client-metadata/index.ts';
import { parseScope } from '../../../protocol/requested-scopes.ts';
import { registered } from '../../clients/registration.ts';
import { Identifier } from '../../identifier.ts';
import { Problem } from '../../problem.ts';
import { Seconds } from '../../seconds.ts';

const Purpose = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^[^\\x00-\\x08\\x0b-\\x1f\\x7f]*\\S[^\\x00-\\x08\\x0b-\\x1f\\x7f]*$',
  description: 'What it is for, in your words',
});
const Permissions = Type.Array(
  Type.Object(
    {
      resource: Type.String({ minLength: 1, maxLength: 2048, description: 'The identifier of an API' }),
      scope: Type.String({ minLength: 1, maxLength: 2000, description: 'Scopes of it, separated by spaces' }),
    },
    { additionalProperties: false },
  ),
  { maxItems: 20, description: 'All that it may ever ask for' },
);
const ActsWith = Type.Array(Identifier, {
  maxItems: 20,
  uniqueItems: true,
  description:
    'Apps (client ids) whose tokens of yours it may exchange for its own; each app goes with one agent',
});
const REVIEW = 'From when it gets no tokens until you confirm it; at most 366 days ahead';

const JwkSet = Type.Object(
  { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 20 }) },
  { description: 'Its public keys, for private_key_jwt' },
);
const JwksUri = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'Where it publishes its public keys; instead of jwks',
});

const credentials = {
  token_endpoint_auth_method: Type.Optional(
    Type.Enum(['client_secret_basic', 'private_key_jwt'], {
      description: 'client_secret_basic unless given: it gets a secret; private_key_jwt: it has a key',
    }),
  ),
  jwks: Type.Optional(JwkSet),
  jwks_uri: Type.Optional(JwksUri),
  redirect_uris: Type.Optional(
    Type.Array(Type.String({ maxLength: 2048 }), {
      maxItems: 10,
      description: 'Where answers go when it asks you in a browser; absent: it asks by a code on /device',
    }),
  ),
  application_type: Type.Optional(Type.Enum(['web', 'native'])),
};

export const NewAgent = Type.Object(
  {
    client_name: ClientName,
    purpose: Purpose,
    permissions: Permissions,
    acts_with: Type.Optional(ActsWith),
    review_at: Type.Optional(Seconds(`${REVIEW}; 90 days unless given`)),
    ...credentials,
  },
  { additionalProperties: false, title: 'NewAgent' },
);

export const AgentChanges = Type.Object(
  {
    client_name: Type.Optional(ClientName),
    purpose: Type.Optional(Purpose),
    permissions: Type.Optional(Permissions),
    acts_with: Type.Optional(ActsWith),
  },
  { additionalProperties: false, title: 'AgentChanges' },
);

export const Confirmation = Type.Object(
  { review_at: Type.Optional(Seconds(`${REVIEW}; 90 days unless given`)) },
  { additionalProperties: false, title: 'AgentConfirmation' },
);

export interface AgentBodyDependencies {
  readonly agents: Pick<Agents, 'actingWith'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'findByIdentifier'>;
}

/** The grants an agent uses: its own name, its owner's word by page or code, and tokens of apps that its owner named. */
export function agentMetadata(body: Static<typeof NewAgent>): RegisteredMetadata {
  const { purpose: _purpose, permissions: _permissions, acts_with: _with, review_at: _at, ...rest } = body;
  const byPage = body.redirect_uris !== undefined && body.redirect_uris.length > 0;
  const metadata: ClientMetadata = {
    ...rest,
    grant_types: [
      'client_credentials',
      TOKEN_EXCHANGE_GRANT,
      DEVICE_CODE_GRANT,
      'refresh_token',
      ...(byPage ? ['authorization_code'] : []),
    ],
  };
  return registered(metadata);
}

function wrong(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', `${pointer} ${detail}`, [{ pointer, detail }]);
}

/** @throws Problem naming an API or a scope that there is not */
export async function readPermissions(
  permissions: Static<typeof Permissions>,
  { resources }: Pick<AgentBodyDependencies, 'resources'>,
): Promise<readonly AgentPermission[]> {
  const read = await Promise.all(
    permissions.map(async ({ resource: identifier, scope }, index) => {
      const resource = await resources.findByIdentifier(identifier);
      // Tessera's own API is for people: an agent that could make agents would be nobody's any more.
      if (resource === undefined || resource.builtIn) {
        throw wrong(`/permissions/${index}/resource`, 'is not an API that agents may call');
      }
      const scopes = parseScope(scope);
      const unknown = scopes.find((name) => !resource.scopes.some((known) => known.name === name));
      if (unknown !== undefined || scopes.length === 0) {
        throw wrong(`/permissions/${index}/scope`, 'names a scope that this API has not');
      }
      return { resourceId: resource.id, scopes };
    }),
  );
  if (new Set(read.map((each) => each.resourceId)).size < read.length) {
    throw wrong('/permissions', 'name an API twice');
  }
  return read;
}

/** @param self the agent's own id, where there is one already @throws Problem */
export async function checkActsWith(
  actsWith: readonly string[],
  ownerId: string,
  self: string | undefined,
  { clients, agents }: AgentBodyDependencies,
): Promise<readonly string[]> {
  for (const [index, clientId] of actsWith.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- a handful, and the first that is wrong is told
    const client = await clients.find(clientId);
    if (client === undefined || client.agent !== undefined || client.registeredBy === 'built-in') {
      throw wrong(`/acts_with/${index}`, 'is not an app whose tokens an agent may exchange');
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    const others = await agents.actingWith(ownerId, clientId);
    if (others.some((id) => id !== self))
      throw wrong(`/acts_with/${index}`, 'goes with another agent already');
  }
  return actsWith;
}

/** @param now milliseconds @param wanted seconds @throws Problem */
export function reviewDate(wanted: number | undefined, now: number): number {
  if (wanted === undefined) return now + AGENT_REVIEW_MS;
  const at = wanted * 1000;
  if (at <= now) throw wrong('/review_at', 'has passed');
  if (at > now + LONGEST_AGENT_REVIEW_MS) throw wrong('/review_at', 'is more than 366 days ahead');
  return at;
}

/** A new agent's details. @throws Problem */
export async function agentDetails(
  body: Static<typeof NewAgent>,
  ownerId: string,
  now: number,
  dependencies: AgentBodyDependencies,
): Promise<AgentDetails> {
  const { purpose, permissions, acts_with: actsWith = [], review_at: reviewAt } = body;
  return {
    ownerId,
    purpose,
    permissions: await readPermissions(permissions, dependencies),
    actsWith: await checkActsWith(actsWith, ownerId, undefined, dependencies),
    reviewAt: reviewDate(reviewAt, now),
    confirmedAt: now,
  };
}
