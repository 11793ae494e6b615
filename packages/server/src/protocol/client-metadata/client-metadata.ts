/** Client metadata on the wire, and with the defaults filled in (RFC 7591 §2). */
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';

/** Client metadata as they stand on the wire. */
export interface ClientMetadata extends ProtocolMetadata {
  readonly client_name: string;
  readonly redirect_uris?: readonly string[];
  readonly grant_types?: readonly string[];
  readonly response_types?: readonly string[];
  readonly token_endpoint_auth_method?: string;
  /** Scope names separated by single spaces. */
  readonly scope?: string;
  readonly application_type?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly policy_uri?: string;
  readonly tos_uri?: string;
  readonly contacts?: readonly string[];
  /** Ours: false lets a confidential client leave PKCE out. */
  readonly require_pkce?: boolean;
}

/** Values after the defaults of RFC 7591 §2, before the rules. */
export interface Settled {
  readonly grantTypes: readonly string[];
  readonly responseTypes: readonly string[];
  readonly authMethod: string;
  readonly applicationType: string;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[] | undefined;
  readonly requirePkce: boolean;
}
