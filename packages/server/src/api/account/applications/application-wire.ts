/** A connected app as its person sees it. */
import { type Static, Type } from '../../../schema/type.ts';
import type { AuditEvent } from '../../../domain/audit-event.ts';
import { type Client, isSelfRegistered } from '../../../domain/client.ts';
import type { Connection } from '../../../domain/connection.ts';
import { ISSUER_RESOURCE_ID, type Resource } from '../../../domain/resource.ts';
import { OPENID_SCOPES } from '../../../domain/scope.ts';
import type { Resources } from '../../../ports/resources.ts';
import { PageOf } from '../../paging.ts';
import { Seconds, toSeconds } from '../../seconds.ts';

const ConnectedApiSchema = Type.Object({
  resource: Type.Optional(Type.String({ description: 'Its identifier; absent: the account itself' })),
  name: Type.Optional(Type.String()),
  scopes: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
});

export const ApplicationSchema = Type.Object(
  {
    client_id: Type.String(),
    client_name: Type.String({ description: 'Of an unverified app: what it says of itself' }),
    host: Type.Optional(
      Type.String({ description: 'Where its metadata document lies, for an app known only by a URL' }),
    ),
    client_uri: Type.Optional(Type.String()),
    logo_uri: Type.Optional(Type.String()),
    registered_by: Type.Enum(['operator', 'member', 'built-in', 'registration', 'metadata_document']),
    unverified: Type.Boolean({ description: 'Nobody here has looked at it' }),
    agent: Type.Boolean({ description: 'It is an agent of yours' }),
    apis: Type.Array(ConnectedApiSchema),
    authorization_details: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    connected_at: Seconds('Since when'),
    last_used_at: Type.Optional(
      Seconds(
        'When a token of it was last used; absent: no API has asked about one, as none asks about a JWT',
      ),
    ),
    last_issued_at: Type.Optional(Seconds('When it last got a token for you')),
    ends_at: Type.Optional(Seconds('When it has to ask you again at the latest')),
    grants: Type.Integer({ description: 'How many times it is let in at present' }),
    live_tokens: Type.Integer({ description: 'Access tokens that are good now' }),
  },
  { title: 'Application' },
);

export const ApplicationPage = PageOf(ApplicationSchema, 'Applications');

export const DisconnectionSchema = Type.Object(
  {
    grants: Type.Integer(),
    refresh_tokens: Type.Integer(),
    access_tokens: Type.Integer({ description: 'Counted just before' }),
  },
  { title: 'Disconnection', description: 'How many of each have ended' },
);

export const BlockedSchema = Type.Object(
  {
    client_id: Type.String(),
    client_name: Type.Optional(Type.String({ description: 'Absent: the app is gone' })),
    blocked_at: Seconds('Since when'),
  },
  { title: 'BlockedApplication' },
);

export const HistorySchema = Type.Object(
  {
    at: Seconds('When it happened'),
    type: Type.String({ description: 'Such as consent.granted or application.disconnected' }),
    outcome: Type.Enum(['success', 'failure']),
    resource_id: Type.Optional(Type.String()),
    scope: Type.Optional(Type.String({ description: 'What was allowed, or asked for' })),
    reason: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
  },
  { title: 'ApplicationEvent' },
);

export async function toApplicationWire(
  connection: Connection,
  client: Client,
  resources: Pick<Resources, 'find' | 'findDefault'>,
): Promise<Static<typeof ApplicationSchema>> {
  const { authorizationDetails: details, lastUsedAt, lastIssuedAt, endsAt } = connection;
  const apis = await Promise.all(connection.apis.map((api) => toApiWire(api, resources)));
  return {
    client_id: client.id,
    client_name: client.name,
    ...(client.registeredBy === 'metadata_document' && { host: new URL(client.id).host }),
    ...(client.clientUri !== undefined && { client_uri: client.clientUri }),
    ...(client.logoUri !== undefined && { logo_uri: client.logoUri }),
    registered_by: client.registeredBy,
    unverified: isSelfRegistered(client),
    agent: client.agent !== undefined,
    apis: apis.filter((api) => api !== undefined),
    ...(details.length > 0 && { authorization_details: details.map((each) => ({ ...each })) }),
    connected_at: toSeconds(connection.since),
    ...(lastUsedAt !== undefined && { last_used_at: toSeconds(lastUsedAt) }),
    ...(lastIssuedAt !== undefined && { last_issued_at: toSeconds(lastIssuedAt) }),
    ...(endsAt !== undefined && { ends_at: toSeconds(endsAt) }),
    grants: connection.grants,
    live_tokens: connection.liveTokens,
  };
}

/** Undefined for an API that is gone. */
async function toApiWire(
  { resourceId, scopes }: Connection['apis'][number],
  resources: Pick<Resources, 'find' | 'findDefault'>,
): Promise<Static<typeof ConnectedApiSchema> | undefined> {
  const isIssuer = resourceId === ISSUER_RESOURCE_ID;
  const found = resourceId === undefined ? await resources.findDefault() : undefined;
  const resource = isIssuer || resourceId === undefined ? found : await resources.find(resourceId);
  if (resource === undefined && resourceId !== undefined && !isIssuer) return undefined;
  return {
    ...(resource !== undefined && { resource: resource.identifier, name: resource.name }),
    scopes: scopes.map((name) => ({ name, description: describeScope(name, resource) })),
  };
}

function describeScope(name: string, resource: Resource | undefined): string {
  const known = [...OPENID_SCOPES, ...(resource?.scopes ?? [])];
  return known.find((scope) => scope.name === name)?.description ?? name;
}

export function toHistoryWire(event: AuditEvent): Static<typeof HistorySchema> {
  const { scope, reason } = event.detail ?? {};
  return {
    at: toSeconds(event.at),
    type: event.type,
    outcome: event.outcome,
    ...(event.resourceId !== undefined && { resource_id: event.resourceId }),
    ...(typeof scope === 'string' && { scope }),
    ...(typeof reason === 'string' && { reason }),
    ...(event.address !== undefined && { address: event.address }),
  };
}
