/** An identity provider as the admin API takes and shows it. */
import { type Static, Type } from '../../schema/type.ts';
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import { Identifier } from '../identifier.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const members = {
  name: Type.String({
    minLength: 1,
    maxLength: 60,
    pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
    description: 'What the button says: Continue with …',
  }),
  client_id: Type.String({ minLength: 1, maxLength: 500, description: 'Who this server is there' }),
  client_secret: Type.String({ minLength: 1, maxLength: 500, description: 'Kept sealed, never shown' }),
  scopes: Type.Array(Type.String({ maxLength: 200, pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' }), {
    maxItems: 50,
    description: 'What is asked for there; openid is always among them',
  }),
  create_accounts: Type.Boolean({
    description: 'Whether somebody unknown, whose address the provider has verified, gets an account here',
  }),
  keep_tokens: Type.Boolean({ description: "Whether the provider's own tokens are kept, sealed" }),
  token_clients: Type.Array(Identifier, {
    maxItems: 100,
    description: "Client ids that may get the provider's own token of a person in exchange (RFC 8693)",
  }),
  token_scope: Type.String({
    maxLength: 100,
    description: 'The scope that the person must have allowed such a client; without one nobody gets any',
  }),
};

export const NewIdentityProvider = Type.Object(
  {
    issuer: Type.String({ minLength: 1, maxLength: 2048 }),
    name: members.name,
    client_id: members.client_id,
    client_secret: Type.Optional(members.client_secret),
    scopes: Type.Optional(members.scopes),
    create_accounts: Type.Optional(members.create_accounts),
    keep_tokens: Type.Optional(members.keep_tokens),
    token_clients: Type.Optional(members.token_clients),
    token_scope: Type.Optional(members.token_scope),
  },
  { additionalProperties: false, title: 'NewIdentityProvider' },
);

/** The issuer stays: the people who are linked are its. */
export const IdentityProviderChanges = Type.Object(
  {
    name: Type.Optional(members.name),
    client_id: Type.Optional(members.client_id),
    client_secret: Type.Optional(Type.Union([members.client_secret, Type.Null()])),
    scopes: Type.Optional(members.scopes),
    create_accounts: Type.Optional(members.create_accounts),
    keep_tokens: Type.Optional(members.keep_tokens),
    token_clients: Type.Optional(members.token_clients),
    token_scope: Type.Optional(Type.Union([members.token_scope, Type.Null()])),
    status: Type.Optional(Type.Enum(['active', 'disabled'])),
  },
  { additionalProperties: false, title: 'IdentityProviderChanges' },
);

export const IdentityProviderSchema = Type.Object(
  {
    id: Identifier,
    issuer: Type.String(),
    name: members.name,
    client_id: members.client_id,
    has_secret: Type.Boolean(),
    redirect_uri: Type.String({ description: 'To be registered there' }),
    scopes: members.scopes,
    create_accounts: members.create_accounts,
    keep_tokens: members.keep_tokens,
    token_clients: members.token_clients,
    token_scope: Type.Optional(members.token_scope),
    status: Type.Enum(['active', 'disabled']),
    created_at: Seconds('When it was registered'),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'IdentityProvider' },
);

export const IdentityProviderList = Type.Object(
  { items: Type.Array(IdentityProviderSchema) },
  { title: 'IdentityProviders' },
);

/** @param issuer of this server */
export function toIdentityProviderWire(
  provider: IdentityProvider,
  issuer: string,
): Static<typeof IdentityProviderSchema> {
  return {
    id: provider.id,
    issuer: provider.issuer,
    name: provider.name,
    client_id: provider.clientId,
    has_secret: provider.sealedSecret !== undefined,
    redirect_uri: `${issuer}/login/with/${provider.id}/callback`,
    scopes: [...provider.scopes],
    create_accounts: provider.createAccounts,
    keep_tokens: provider.keepTokens,
    token_clients: [...provider.tokenClients],
    ...(provider.tokenScope !== undefined && { token_scope: provider.tokenScope }),
    status: provider.status,
    created_at: toSeconds(provider.createdAt),
    updated_at: toSeconds(provider.updatedAt),
  };
}
