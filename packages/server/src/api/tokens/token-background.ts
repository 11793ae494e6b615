/** What a token's row hangs from: who got it, for whom, by which grant, and which rule gave it its life. */
import { type Static, Type } from '../../schema/type.ts';
import type { Client } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Resource } from '../../domain/resource.ts';
import type { User } from '../../domain/user.ts';
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Grants } from '../../ports/grants.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Users } from '../../ports/users.ts';
import { audienceOf } from '../../protocol/resource-indicators.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export interface BackgroundDependencies {
  readonly issuer: string;
  readonly clients: Pick<Clients, 'find'>;
  readonly users: Pick<Users, 'find'>;
  readonly grants: Pick<Grants, 'find'>;
  readonly resources: Resources;
}

export interface TokenBackground {
  readonly state: AccessTokenState;
  readonly client: Client | undefined;
  readonly user: User | undefined;
  readonly grant: Grant | undefined;
  readonly resource: Resource | undefined;
  readonly audience: readonly string[];
}

export const BackgroundSchema = Type.Object(
  {
    client_name: Type.Optional(
      Type.String({ description: 'Whom it was issued to; absent: the client is gone' }),
    ),
    user_email: Type.Optional(Type.String({ description: 'For whom; absent: the client got it for itself' })),
    granted_at: Type.Optional(Seconds('When the person allowed it')),
    grant_ended_at: Type.Optional(Seconds('When that ended')),
    grant_end_reason: Type.Optional(Type.String()),
    resource_name: Type.Optional(Type.String()),
    audience: Type.Array(Type.String()),
    lifetime: Type.Integer({ description: 'Seconds' }),
    lifetime_rule: Type.String({ description: 'Why it lives that long, in a sentence' }),
    uses: Type.String({ description: 'Whether its uses are seen here, in a sentence' }),
  },
  { title: 'TokenBackground' },
);

export async function findBackground(
  state: AccessTokenState,
  { issuer, clients, users, grants, resources }: BackgroundDependencies,
): Promise<TokenBackground> {
  const { clientId, userId, grantId, resourceId } = state.row;
  const [client, user, grant, named] = await Promise.all([
    clients.find(clientId),
    userId === undefined ? undefined : users.find(userId),
    grantId === undefined ? undefined : grants.find(grantId),
    audienceOf(resourceId, issuer, resources),
  ]);
  return { state, client, user, grant, resource: named.resources[0], audience: named.audience };
}

/** @param withPerson whether the caller may know the person by their address: to an app they may be a stranger */
export function toBackgroundWire(
  { state: { row }, client, user, grant, resource, audience }: TokenBackground,
  withPerson: boolean,
): Static<typeof BackgroundSchema> {
  const rules: Readonly<Record<string, string>> = LIFETIME_RULES;
  return {
    ...(client !== undefined && { client_name: client.name }),
    ...(withPerson && user !== undefined && { user_email: user.email }),
    ...(grant !== undefined && { granted_at: toSeconds(grant.createdAt) }),
    ...(grant?.endedAt !== undefined && { grant_ended_at: toSeconds(grant.endedAt) }),
    ...(grant?.endReason !== undefined && { grant_end_reason: grant.endReason }),
    ...(resource !== undefined && { resource_name: resource.name }),
    audience: [...audience],
    lifetime: (row.expiresAt - row.issuedAt) / 1000,
    lifetime_rule: rules[row.lifetimeReason] ?? policyRule(row.lifetimeReason),
    uses: row.format === 'opaque' ? USES_ARE_SEEN : USES_ARE_NOT_SEEN,
  };
}

const USES_ARE_SEEN = 'Seen here when an API asks about the token.';
const USES_ARE_NOT_SEEN = 'Not seen here: an API checks such a token by itself, without asking.';

/** A policy is named by its id: it may have another name by now, or be gone. */
function policyRule(reason: string): string {
  const [source, id] = reason.split(':', 2);
  return source === 'policy' && id !== undefined ? `The access policy ${id} says so.` : reason;
}

const LIFETIME_RULES = {
  client: 'The access_token_lifetime of its app.',
  client_random: 'Drawn at random between the two ends that its app gives.',
  client_within_api: 'Its app asks for longer; its API allows no more than this.',
  api: 'The access_token_lifetime of its API.',
  api_random: 'Drawn at random between the two ends that its API gives.',
  organization:
    'The access_token_lifetime of the organization of its app; neither app nor API says otherwise.',
  organization_random: 'Drawn at random between the two ends that the organization of its app gives.',
  server: 'The access_token_lifetime of the server; neither app, API nor organization says otherwise.',
  server_random: 'Drawn at random between the two ends that the server gives.',
  standard: 'One hour, because it names no API that says otherwise.',
  admin_token: 'A day, for the command line on the machine of the server.',
  subject_token: 'It ends with the token that it was exchanged from.',
} as const;

/** What ended a token, as far as that is still known; undefined while nothing has. */
export function whyEnded({ state, client, user, grant, audience }: TokenBackground): string | undefined {
  const { row, endedAt } = state;
  if (endedAt === undefined) return client?.status === 'active' ? undefined : 'its client is disabled';
  if (row.revokedAt !== undefined) return 'it was revoked itself';
  if (grant?.endedAt !== undefined) return `its grant ended: ${grant.endReason ?? 'the reason is not known'}`;
  if (client === undefined) return 'its client is gone';
  if (client.status !== 'active') return 'its client is disabled';
  if (row.userId !== undefined && user?.status !== 'active') return 'the account of its person is closed';
  if (audience.length === 0) return 'its API is gone';
  return 'something that it hangs from has ended';
}
