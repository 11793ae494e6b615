/**
 * A client as the API takes and shows it, with the names of client registration.
 *
 * @spec RFC 7591 §2 and §3.2.1
 */
import { type Static, type TSchema, Type } from '../../schema/type.ts';
import {
  type Client,
  type ClientSecret,
  GRANT_TYPES,
  TOKEN_ENDPOINT_AUTH_METHODS,
} from '../../domain/client.ts';
import type { LastUse } from '../../ports/client-secret-uses.ts';
import { PROTOCOL_METADATA_MEMBERS } from '../../protocol/client-metadata/index.ts';
import { toMetadata } from '../../protocol/client-metadata/to-metadata.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

/** Members that only some clients have; each with its rule in protocol/client-metadata. */
const protocolMembers: Readonly<Record<string, TSchema>> = PROTOCOL_METADATA_MEMBERS;

/** The same, each absent or given. */
export const optionalProtocolMembers: Readonly<Record<string, TSchema>> = Object.fromEntries(
  Object.entries(protocolMembers).map(([name, schema]) => [name, Type.Optional(schema)]),
);

/** The same, each absent, given, or null to take it away. */
export const removableProtocolMembers: Readonly<Record<string, TSchema>> = Object.fromEntries(
  Object.entries(protocolMembers).map(([name, schema]) => [
    name,
    Type.Optional(Type.Union([schema, Type.Null()])),
  ]),
);

export const ClientSchema = Type.Object(
  {
    client_id: Type.String(),
    client_id_issued_at: Seconds('When the client was registered'),
    client_name: Type.String(),
    application_type: Type.Enum(['web', 'native']),
    redirect_uris: Type.Array(Type.String()),
    grant_types: Type.Array(Type.Enum([...GRANT_TYPES])),
    response_types: Type.Array(Type.String()),
    token_endpoint_auth_method: Type.Enum([...TOKEN_ENDPOINT_AUTH_METHODS]),
    scope: Type.Optional(Type.String()),
    require_pkce: Type.Boolean(),
    client_uri: Type.Optional(Type.String()),
    logo_uri: Type.Optional(Type.String()),
    policy_uri: Type.Optional(Type.String()),
    tos_uri: Type.Optional(Type.String()),
    contacts: Type.Optional(Type.Array(Type.String())),
    ...optionalProtocolMembers,
    organization_id: Type.String(),
    status: Type.Enum(['active', 'disabled']),
    registered_by: Type.Enum(['operator', 'member', 'built-in', 'registration', 'metadata_document'], {
      description:
        'member: somebody in the organization. registration: the app itself, at /api/register. metadata_document: its document, at the URL that is its id',
    }),
    built_in: Type.Boolean({ description: 'Part of Tessera itself; not to be changed' }),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'Client' },
);

export const ClientPage = PageOf(ClientSchema, 'Clients');

/** The secret itself, in the one answer that ever holds it. */
const shownSecret = {
  client_secret: Type.String({ description: 'Shown this once; only its hash is kept' }),
  client_secret_expires_at: Type.Integer({ description: 'Seconds since the epoch; 0: it does not expire' }),
};

export const CreatedClientSchema = Type.Object(
  {
    ...ClientSchema.properties,
    client_secret: Type.Optional(shownSecret.client_secret),
    client_secret_expires_at: Type.Optional(shownSecret.client_secret_expires_at),
  },
  { title: 'CreatedClient' },
);

export const SecretSchema = Type.Object(
  {
    id: Type.String(),
    hint: Type.String({ description: 'The last four characters' }),
    created_at: Seconds('When it was made'),
    expires_at: Type.Optional(Seconds('When it ends; absent: never')),
    last_used_at: Type.Optional(Seconds('When it was last used, up to a minute late; absent: never')),
    last_used_from: Type.Optional(Type.String({ description: 'From which address it was last used' })),
  },
  { title: 'ClientSecret', description: 'What is told of a secret after its creation' },
);

export const CreatedSecretSchema = Type.Object(
  { ...SecretSchema.properties, ...shownSecret },
  { title: 'CreatedClientSecret' },
);

export function toClientWire(client: Client): Static<typeof ClientSchema> {
  return {
    client_id: client.id,
    client_id_issued_at: toSeconds(client.createdAt),
    ...toMetadata(client),
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    organization_id: client.organizationId,
    status: client.status,
    registered_by: client.registeredBy,
    built_in: client.registeredBy === 'built-in',
    updated_at: toSeconds(client.updatedAt),
  };
}

export function toSecretWire(secret: ClientSecret, lastUse?: LastUse): Static<typeof SecretSchema> {
  return {
    id: secret.id,
    hint: secret.hint,
    created_at: toSeconds(secret.createdAt),
    ...(secret.expiresAt !== undefined && { expires_at: toSeconds(secret.expiresAt) }),
    ...(lastUse !== undefined && { last_used_at: toSeconds(lastUse.at) }),
    ...(lastUse?.from !== undefined && { last_used_from: lastUse.from }),
  };
}
