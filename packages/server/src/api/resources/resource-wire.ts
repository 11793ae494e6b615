/** A resource (people see: an API) as the admin API takes and shows it. */
import { type Static, Type } from '../../schema/type.ts';
import { LifetimeRule } from '../../access/lifetime-rule.ts';
import { type Resource, SIGNING_ALGS } from '../../domain/resource.ts';
import { Identifier } from '../identifier.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const members = {
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
  }),
  scopes: Type.Array(
    Type.Object(
      {
        name: Type.String({ maxLength: 100, pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' }),
        description: Type.String({
          maxLength: 300,
          description: 'The sentence a person reads on the consent page',
        }),
      },
      { additionalProperties: false },
    ),
    { maxItems: 100 },
  ),
  default_scopes: Type.Array(Type.String({ maxLength: 100 }), {
    maxItems: 100,
    description: 'Granted when a request sends no scope',
  }),
  authorization_details_types: Type.Array(
    Type.Object(
      {
        type: Type.String({ minLength: 1, maxLength: 200 }),
        description: Type.String({
          minLength: 1,
          maxLength: 300,
          description: 'The sentence a person reads; {member} stands for the value of a member',
        }),
        members: Type.Record(
          Type.String({ pattern: '^[\\w-]{1,64}$' }),
          Type.Object(
            {
              type: Type.Enum(['string', 'integer', 'boolean', 'strings']),
              required: Type.Optional(Type.Boolean()),
              values: Type.Optional(
                Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 100 }),
              ),
              minimum: Type.Optional(Type.Integer()),
              maximum: Type.Optional(Type.Integer()),
              max_length: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
            },
            { additionalProperties: false },
          ),
          { maxProperties: 30, description: 'What an entry may hold beside type and locations' },
        ),
      },
      { additionalProperties: false },
    ),
    { maxItems: 50, description: 'What apps may ask a person for in detail (RFC 9396)' },
  ),
  token_format: Type.Enum(['opaque', 'jwt', 'cwt', 'cat']),
  access_token_lifetime: LifetimeRule,
  signing_alg: Type.Enum([...SIGNING_ALGS, 'HS256'], {
    description:
      'What its tokens are signed with: any of them for JWTs, ES256 for CWTs. HS256 for Common Access Tokens only, where it is usual: with a secret of this API',
  }),
  default: Type.Boolean({
    description: 'The API that takes tokens of requests that name none; at most one has it',
  }),
  allow_url_clients: Type.Boolean({
    default: false,
    description:
      'Whether apps that only a metadata document describes may be let in, for the default scopes at most',
  }),
  client_token_scopes: Type.Array(Type.String({ maxLength: 100 }), {
    maxItems: 100,
    description:
      'What the client token of an app, which anybody may hold, opens here; empty: this API takes none. Never name a scope that reaches what belongs to a person',
  }),
  resource_servers: Type.Array(Identifier, {
    maxItems: 100,
    description: 'Client ids that may introspect the tokens of this API',
  }),
  token_exchange_clients: Type.Array(Identifier, {
    maxItems: 100,
    description: 'Client ids that may exchange a token they were called with for one of this API (RFC 8693)',
  }),
};

export const NewResource = Type.Object(
  {
    identifier: Type.String({
      minLength: 1,
      maxLength: 2048,
      description:
        'An absolute URI without fragment; what requests name it by, and the audience of its tokens',
    }),
    name: members.name,
    scopes: Type.Optional(members.scopes),
    default_scopes: Type.Optional(members.default_scopes),
    authorization_details_types: Type.Optional(members.authorization_details_types),
    token_format: Type.Optional(members.token_format),
    access_token_lifetime: Type.Optional(members.access_token_lifetime),
    signing_alg: Type.Optional(members.signing_alg),
    default: Type.Optional(members.default),
    allow_url_clients: Type.Optional(members.allow_url_clients),
    client_token_scopes: Type.Optional(members.client_token_scopes),
    resource_servers: Type.Optional(members.resource_servers),
    token_exchange_clients: Type.Optional(members.token_exchange_clients),
    organization_id: Type.Optional(Identifier),
  },
  { additionalProperties: false, title: 'NewResource' },
);

/**
 * The identifier stays: tokens that are out there have it as their audience. A lifetime of null is taken away, so that
 * the organization of the app, or the server, decides.
 */
export const ResourceChanges = Type.Object(
  {
    name: Type.Optional(members.name),
    scopes: Type.Optional(members.scopes),
    default_scopes: Type.Optional(members.default_scopes),
    authorization_details_types: Type.Optional(members.authorization_details_types),
    token_format: Type.Optional(members.token_format),
    access_token_lifetime: Type.Optional(Type.Union([members.access_token_lifetime, Type.Null()])),
    signing_alg: Type.Optional(members.signing_alg),
    default: Type.Optional(members.default),
    allow_url_clients: Type.Optional(members.allow_url_clients),
    client_token_scopes: Type.Optional(members.client_token_scopes),
    resource_servers: Type.Optional(members.resource_servers),
    token_exchange_clients: Type.Optional(members.token_exchange_clients),
  },
  { additionalProperties: false, title: 'ResourceChanges' },
);

export const ResourceSchema = Type.Object(
  {
    id: Type.String(),
    identifier: Type.String(),
    name: Type.String(),
    scopes: members.scopes,
    default_scopes: members.default_scopes,
    authorization_details_types: Type.Optional(members.authorization_details_types),
    token_format: members.token_format,
    access_token_lifetime: Type.Optional(members.access_token_lifetime),
    signing_alg: members.signing_alg,
    default: members.default,
    allow_url_clients: members.allow_url_clients,
    client_token_scopes: members.client_token_scopes,
    resource_servers: members.resource_servers,
    token_exchange_clients: members.token_exchange_clients,
    organization_id: Type.String(),
    built_in: Type.Boolean({ description: "Tessera's own API; not to be changed" }),
    created_at: Seconds('When it was registered'),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'Resource' },
);

export const ResourcePage = PageOf(ResourceSchema, 'Resources');

export function toResourceWire(resource: Resource): Static<typeof ResourceSchema> {
  const lifetime = resource.accessTokenLifetime;
  return {
    id: resource.id,
    identifier: resource.identifier,
    name: resource.name,
    scopes: resource.scopes.map(({ name, description }) => ({ name, description })),
    default_scopes: [...resource.defaultScopes],
    ...(resource.authorizationDetailsTypes !== undefined && {
      authorization_details_types: structuredClone([...resource.authorizationDetailsTypes]) as Static<
        typeof members.authorization_details_types
      >,
    }),
    token_format: resource.tokenFormat,
    ...(lifetime !== undefined && {
      access_token_lifetime:
        typeof lifetime === 'number' ? lifetime : { min: lifetime.min, max: lifetime.max },
    }),
    signing_alg: resource.signingAlg,
    default: resource.isDefault,
    allow_url_clients: resource.allowUrlClients === true,
    client_token_scopes: [...(resource.clientTokenScopes ?? [])],
    resource_servers: [...resource.resourceServers],
    token_exchange_clients: [...(resource.tokenExchangeClients ?? [])],
    organization_id: resource.organizationId,
    built_in: resource.builtIn,
    created_at: toSeconds(resource.createdAt),
    updated_at: toSeconds(resource.updatedAt),
  };
}
