/**
 * The members that any client may give, with the form they have on the wire. Values are judged by the rules.
 * @spec RFC 7591 §2
 */
import { Type } from '../../schema/type.ts';
import { GRANT_TYPES, TOKEN_ENDPOINT_AUTH_METHODS } from '../../domain/client.ts';

export const ClientName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'What people read when asked',
});

const Uri = Type.String({ minLength: 1, maxLength: 2048 });

/** Members that are always there once a client is registered. */
export const metadataMembers = {
  redirect_uris: Type.Optional(
    Type.Array(Uri, {
      maxItems: 100,
      description: 'Where answers may go; at most 50, compared character by character',
    }),
  ),
  grant_types: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: 20,
      default: ['authorization_code'],
      description: `Of: ${GRANT_TYPES.join(', ')}`,
    }),
  ),
  response_types: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: 20,
      description: '["code"] with authorization_code',
    }),
  ),
  token_endpoint_auth_method: Type.Optional(
    Type.String({
      maxLength: 100,
      default: 'client_secret_basic',
      description: `Of: ${TOKEN_ENDPOINT_AUTH_METHODS.join(', ')}. none: a public client, which keeps no secret`,
    }),
  ),
  application_type: Type.Optional(
    Type.String({ maxLength: 100, default: 'web', description: 'web or native' }),
  ),
  require_pkce: Type.Optional(
    Type.Boolean({ default: true, description: 'false only for a confidential client' }),
  ),
};

/** Members that may also be taken away again. */
export const removableMembers = {
  scope: Type.String({
    maxLength: 4000,
    description: 'The scopes the client may ask for, separated by spaces; absent: whatever a person grants',
  }),
  client_uri: Uri,
  logo_uri: Uri,
  policy_uri: Uri,
  tos_uri: Uri,
  contacts: Type.Array(Type.String({ minLength: 1, maxLength: 320 }), { maxItems: 10 }),
};
