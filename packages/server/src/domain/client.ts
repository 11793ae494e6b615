import type { AgentDetails } from './agent.ts';
import type { ProtocolMetadata } from './protocol-metadata.ts';

/** A client (people see: an app), with the words of RFC 7591 §2. */
export interface Client {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly applicationType: 'web' | 'native';
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** What the client may ask for; absent: whatever a person grants, and the API's default scopes without a person. */
  readonly scopes?: readonly string[];
  readonly requirePkce: boolean;
  /** First-party clients alone may carry the scopes of Tessera's own API. */
  readonly firstParty: boolean;
  readonly registeredBy: ClientOrigin;
  readonly status: 'active' | 'disabled';
  readonly secrets: readonly ClientSecret[];
  readonly clientUri?: string;
  readonly logoUri?: string;
  readonly policyUri?: string;
  readonly tosUri?: string;
  readonly contacts?: readonly string[];
  readonly metadata: ProtocolMetadata;
  /** Present: it is an agent. */
  readonly agent?: AgentDetails;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * Who registered a client: itself (RFC 7591), its own document at the URL that is its id, an operator, or a member of the
 * organization that owns it.
 */
export type ClientOrigin = 'operator' | 'member' | 'built-in' | 'registration' | 'metadata_document';

export type GrantType =
  | 'authorization_code'
  | 'client_credentials'
  | 'refresh_token'
  | typeof DEVICE_CODE_GRANT
  | typeof TOKEN_EXCHANGE_GRANT
  | typeof JWT_BEARER_GRANT;

/** RFC 8628 §3.4. */
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8693 §2.1. */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** RFC 7523 §2.1. */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export const GRANT_TYPES: readonly GrantType[] = [
  'authorization_code',
  'client_credentials',
  'refresh_token',
  DEVICE_CODE_GRANT,
  TOKEN_EXCHANGE_GRANT,
  JWT_BEARER_GRANT,
];

/** RFC 7591 §2, OpenID Connect Core §9, RFC 8705 §2. A client with a secret may send it by Basic or in the body. */
export type TokenEndpointAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none';

export const TOKEN_ENDPOINT_AUTH_METHODS: readonly TokenEndpointAuthMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
];

export interface ClientSecret {
  readonly id: string;
  /** SHA-256 of the secret; the secret itself is shown once and never kept. */
  readonly hash: Uint8Array;
  /** The last four characters, for a person to tell secrets apart. */
  readonly hint: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** A public client cannot keep a secret (RFC 6749 §2.1). */
export function isPublicClient(client: Client): boolean {
  return client.tokenEndpointAuthMethod === 'none';
}

/** Nobody here has looked at it: what it says of itself is a claim. */
export function isSelfRegistered({ registeredBy }: Pick<Client, 'registeredBy'>): boolean {
  return registeredBy === 'registration' || registeredBy === 'metadata_document';
}

/** Whether clients of a method have secrets; the others have keys, certificates or nothing. */
export function usesSecret(method: TokenEndpointAuthMethod): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}
