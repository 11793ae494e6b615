/**
 * The two discovery documents: the same facts under the names of both standards.
 * @spec RFC 8414 §2, OpenID Connect Discovery §3, RFC 9207 §3, RFC 9449 §5.1, RFC 8705 §3.3 and §5
 */
import { DPOP_SIGNING_ALGS } from '@tessera/tokens';
import {
  GRANT_TYPES,
  TOKEN_ENDPOINT_AUTH_METHODS,
  type TokenEndpointAuthMethod,
} from '../../domain/client.ts';
import { OPENID_SCOPES } from '../../domain/scope.ts';
import { ACR_VALUES } from '../acr.ts';
import { REQUEST_OBJECT_ALGS } from '../authorization/request-object.ts';
import { RESPONSE_MODES, RESPONSE_SIGNING_ALGS } from '../authorization/response-mode.ts';
import { ANSWER_SIGNING_ALGS } from '../client-metadata/signed-answers.ts';
import { PROFILE_AUTH_METHODS, PROFILE_SIGNING_ALGS, type SecurityProfile } from '../security-profile.ts';
import { PERSON_CLAIM_NAMES } from '../person-claims.ts';
import { ASSERTION_ALGS } from '../client-authentication/private-key-jwt.ts';

export type AuthorizationServerMetadata = Readonly<
  Record<string, string | boolean | readonly string[] | Readonly<Record<string, string>>>
>;

/** How clients can show certificates. */
export interface MutualTlsMetadata {
  /** Where they are asked for one, if not at the issuer's own address; without a trailing slash. */
  readonly address?: string;
  /** Whether there are authorities that vouch for certificates. */
  readonly hasAuthorities: boolean;
}

/** The endpoints where a certificate makes a difference, by their names in the metadata. */
export const MUTUAL_TLS_ENDPOINTS: Readonly<Record<string, string>> = {
  token_endpoint: '/api/token',
  introspection_endpoint: '/api/introspect',
  revocation_endpoint: '/api/revoke',
  device_authorization_endpoint: '/api/device',
  pushed_authorization_request_endpoint: '/api/par',
  userinfo_endpoint: '/userinfo',
  tessera_events_endpoint: '/events',
};

/** What the operator has set, as far as clients must know it. */
export interface MetadataSettings {
  readonly requirePushedRequests: boolean;
  /** Absent where clients are never asked for a certificate. */
  readonly mutualTls?: MutualTlsMetadata;
  /** Whether clients may register themselves (RFC 7591). */
  readonly registration: boolean;
  /** draft-ietf-oauth-client-id-metadata-document §5. */
  readonly clientIdMetadataDocuments: boolean;
  /** What every client is held to. */
  readonly profile: SecurityProfile | undefined;
}

/** RFC 8414 metadata for an issuer. */
function authorizationServerMetadata(
  issuer: string,
  { requirePushedRequests, mutualTls, registration, clientIdMetadataDocuments, profile }: MetadataSettings,
): AuthorizationServerMetadata {
  const methods = TOKEN_ENDPOINT_AUTH_METHODS.filter(
    (method) =>
      isOffered(method, mutualTls) && (profile === undefined || PROFILE_AUTH_METHODS.includes(method)),
  );
  const algs = (all: readonly string[]) => underProfile(all, profile);
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/api/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${issuer}/api/introspect`,
    revocation_endpoint: `${issuer}/api/revoke`,
    status_list_aggregation_endpoint: `${issuer}/status-lists`,
    tessera_events_endpoint: `${issuer}/events`,
    tessera_leaked_tokens_endpoint: `${issuer}/api/leaked-tokens`,
    ...(registration && { registration_endpoint: `${issuer}/api/register` }),
    ...(clientIdMetadataDocuments && { client_id_metadata_document_supported: true }),
    device_authorization_endpoint: `${issuer}/api/device`,
    scopes_supported: OPENID_SCOPES.map((scope) => scope.name),
    response_types_supported: ['code'],
    response_modes_supported:
      profile === 'fapi2_message_signing'
        ? RESPONSE_MODES.filter((mode) => mode.endsWith('jwt'))
        : RESPONSE_MODES,
    authorization_signing_alg_values_supported: algs(RESPONSE_SIGNING_ALGS),
    pushed_authorization_request_endpoint: `${issuer}/api/par`,
    require_pushed_authorization_requests: requirePushedRequests || profile !== undefined,
    require_signed_request_object: profile === 'fapi2_message_signing',
    request_object_signing_alg_values_supported: algs(REQUEST_OBJECT_ALGS),
    acr_values_supported: ACR_VALUES,
    grant_types_supported: GRANT_TYPES,
    authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
    introspection_signing_alg_values_supported: algs(ANSWER_SIGNING_ALGS),
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algs(ASSERTION_ALGS),
    introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: algs(ASSERTION_ALGS),
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algs(ASSERTION_ALGS),
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: DPOP_SIGNING_ALGS,
    authorization_response_iss_parameter_supported: true,
    ui_locales_supported: ['en'],
    service_documentation: `${issuer}/docs`,
    ...(mutualTls === undefined ? {} : mutualTlsMembers(mutualTls)),
  };
}

function underProfile(algs: readonly string[], profile: SecurityProfile | undefined): readonly string[] {
  return profile === undefined ? algs : algs.filter((alg) => PROFILE_SIGNING_ALGS.includes(alg));
}

function isOffered(method: TokenEndpointAuthMethod, mutualTls: MutualTlsMetadata | undefined): boolean {
  if (method === 'tls_client_auth') return mutualTls?.hasAuthorities === true;
  return method !== 'self_signed_tls_client_auth' || mutualTls !== undefined;
}

function mutualTlsMembers({ address }: MutualTlsMetadata): AuthorizationServerMetadata {
  const aliases = Object.entries(MUTUAL_TLS_ENDPOINTS).map(([name, path]) => [name, `${address}${path}`]);
  return {
    tls_client_certificate_bound_access_tokens: true,
    ...(address === undefined ? {} : { mtls_endpoint_aliases: Object.fromEntries(aliases) }),
  };
}

/** OpenID Connect metadata: the above and what concerns ID tokens and UserInfo. */
export function openidConfiguration(issuer: string, settings: MetadataSettings): AuthorizationServerMetadata {
  return {
    ...authorizationServerMetadata(issuer, settings),
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: underProfile(ANSWER_SIGNING_ALGS, settings.profile),
    userinfo_signing_alg_values_supported: underProfile(ANSWER_SIGNING_ALGS, settings.profile),
    claims_supported: [
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'nonce',
      'acr',
      'amr',
      'at_hash',
      'sid',
      ...PERSON_CLAIM_NAMES,
    ],
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
  };
}
