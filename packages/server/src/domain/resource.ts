import type { AccessTokenLifetime } from './access-token-lifetime.ts';
import type { AuthorizationDetailsType } from './authorization-details-type.ts';

/** A protected resource (people see: an API), named in requests by its identifier (RFC 8707). */
export interface Resource {
  readonly id: string;
  readonly organizationId: string;
  /** An absolute URI without fragment, unique in the deployment. */
  readonly identifier: string;
  readonly name: string;
  readonly scopes: readonly ResourceScope[];
  /** Granted when a request sends no scope. */
  readonly defaultScopes: readonly string[];
  /** The details a client may ask a person for (RFC 9396); absent: none. */
  readonly authorizationDetailsTypes?: readonly AuthorizationDetailsType[];
  readonly tokenFormat: TokenFormat;
  /** Absent: as the organization of the client, or the server, says. */
  readonly accessTokenLifetime?: AccessTokenLifetime;
  /** `HS256` for Common Access Tokens only: with a secret of this API's own. */
  readonly signingAlg: SigningAlg | 'HS256';
  /** The API that takes tokens of requests that name none; at most one resource has it. */
  readonly isDefault: boolean;
  /** Clients that serve this API: they may introspect the tokens whose audience it is. */
  readonly resourceServers: readonly string[];
  /** Whether apps that are known only by their metadata document may be let in, for its default scopes. Absent: no. */
  readonly allowUrlClients?: boolean;
  /** Clients that may exchange somebody's token for one of this API (RFC 8693); absent: none. */
  readonly tokenExchangeClients?: readonly string[];
  /** What a client token, which anybody may hold, opens here; absent or empty: this API takes none. */
  readonly clientTokenScopes?: readonly string[];
  /** Tessera's own API: its scopes are for first-party clients only, and it cannot be deleted. */
  readonly builtIn: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ResourceScope {
  readonly name: string;
  /** The sentence a person reads on the consent page. */
  readonly description: string;
}

export type TokenFormat = 'opaque' | 'jwt' | 'cwt' | 'cat';

/** What the server signs with, each with a key of its own. */
export const SIGNING_ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

export type SigningAlg = (typeof SIGNING_ALGS)[number];

/** Kept in place of a resource's id where a request named the issuer itself (for `/userinfo`). */
export const ISSUER_RESOURCE_ID = 'issuer';

/** Tessera's own admin and account APIs, as a resource. Not a URL: it stays when the issuer moves. */
export const TESSERA_API_IDENTIFIER = 'urn:tessera:api';
