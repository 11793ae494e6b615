/** A client's metadata as they stand on the wire (RFC 7591 §2). */
import type { Client } from '../../domain/client.ts';
import type { ClientMetadata } from './client-metadata.ts';

/** The metadata that would register the same client again. */
export function toMetadata(client: Client) {
  return {
    client_name: client.name,
    application_type: client.applicationType,
    redirect_uris: [...client.redirectUris],
    grant_types: [...client.grantTypes],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    require_pkce: client.requirePkce,
    ...(client.scopes !== undefined && { scope: client.scopes.join(' ') }),
    ...(client.clientUri !== undefined && { client_uri: client.clientUri }),
    ...(client.logoUri !== undefined && { logo_uri: client.logoUri }),
    ...(client.policyUri !== undefined && { policy_uri: client.policyUri }),
    ...(client.tosUri !== undefined && { tos_uri: client.tosUri }),
    ...(client.contacts !== undefined && { contacts: [...client.contacts] }),
    ...client.metadata,
  } satisfies ClientMetadata;
}
