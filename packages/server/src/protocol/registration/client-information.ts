/**
 * What a client that registered itself is told of itself.
 * @spec RFC 7591 §3.2.1, RFC 7592 §3
 */
import type { Client } from '../../domain/client.ts';
import type { ClientMetadata } from '../client-metadata/index.ts';
import { toMetadata } from '../client-metadata/to-metadata.ts';

export interface ClientInformation extends Omit<ClientMetadata, 'require_pkce'> {
  readonly client_id: string;
  /** Seconds since the epoch. */
  readonly client_id_issued_at: number;
  readonly client_secret?: string;
  /** Seconds since the epoch; 0: it does not expire. */
  readonly client_secret_expires_at?: number;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
}

/** @param secret a new one, shown this once; absent: the client knows its own, or has none */
export function clientInformation(
  issuer: string,
  client: Client,
  token: string,
  secret: string | undefined,
): ClientInformation {
  const { require_pkce: _, ...metadata } = toMetadata(client);
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt / 1000),
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(client.secrets.length === 0 ? {} : { client_secret_expires_at: 0 }),
    ...metadata,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    registration_access_token: token,
    registration_client_uri: `${issuer}/api/register/${client.id}`,
  };
}
