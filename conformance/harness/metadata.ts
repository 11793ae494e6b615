// What a server offers, read from its discovery document and from the hooks: a check runs only where it applies.
import type { Hooks } from './hooks.ts';

export type Metadata = Readonly<Record<string, unknown>>;

type Says = (metadata: Metadata, hooks: Hooks) => boolean;

const named =
  (member: string): Says =>
  (metadata) =>
    typeof metadata[member] === 'string';
const lists =
  (member: string, value: string, standard: readonly string[] = []): Says =>
  (metadata) => {
    const values = metadata[member] ?? standard;
    return Array.isArray(values) && values.includes(value);
  };
const says =
  (member: string): Says =>
  (metadata) =>
    metadata[member] === true;
const anyOf =
  (member: string): Says =>
  (metadata) =>
    Array.isArray(metadata[member]) && metadata[member].length > 0;
const hook =
  (name: keyof Hooks): Says =>
  (_metadata, hooks) =>
    hooks[name] !== undefined;

const both =
  (one: Says, other: Says): Says =>
  (metadata, hooks) =>
    one(metadata, hooks) && other(metadata, hooks);

const CODE_AND_IMPLICIT = ['authorization_code', 'implicit'];

/** By the name of the feature: how it is told (RFC 8414 §2 and the registrations of other standards). */
const FEATURES = {
  code: lists('grant_types_supported', 'authorization_code', CODE_AND_IMPLICIT),
  refresh: lists('grant_types_supported', 'refresh_token'),
  client_credentials: lists('grant_types_supported', 'client_credentials'),
  device: named('device_authorization_endpoint'),
  token_exchange: lists('grant_types_supported', 'urn:ietf:params:oauth:grant-type:token-exchange'),
  jwt_bearer: lists('grant_types_supported', 'urn:ietf:params:oauth:grant-type:jwt-bearer'),
  openid: lists('scopes_supported', 'openid', ['openid']),
  scope_profile: lists('scopes_supported', 'profile'),
  scope_email: lists('scopes_supported', 'email'),
  scope_address: lists('scopes_supported', 'address'),
  scope_phone: lists('scopes_supported', 'phone'),
  offline_access: lists('scopes_supported', 'offline_access'),
  userinfo: named('userinfo_endpoint'),
  introspection: named('introspection_endpoint'),
  revocation: named('revocation_endpoint'),
  par: named('pushed_authorization_request_endpoint'),
  registration: named('registration_endpoint'),
  end_session: named('end_session_endpoint'),
  backchannel_logout: says('backchannel_logout_supported'),
  frontchannel_logout: says('frontchannel_logout_supported'),
  session_management: named('check_session_iframe'),
  request_object: says('request_parameter_supported'),
  request_uri: says('request_uri_parameter_supported'),
  claims_parameter: says('claims_parameter_supported'),
  url_clients: says('client_id_metadata_document_supported'),
  rich_requests: anyOf('authorization_details_types_supported'),
  acr_values: anyOf('acr_values_supported'),
  form_post: lists('response_modes_supported', 'form_post'),
  jarm: lists('response_modes_supported', 'jwt'),
  client_secret_post: lists('token_endpoint_auth_methods_supported', 'client_secret_post'),
  private_key_jwt: lists('token_endpoint_auth_methods_supported', 'private_key_jwt'),
  mtls: both(
    hook('certificates'),
    lists('token_endpoint_auth_methods_supported', 'self_signed_tls_client_auth'),
  ),
  mtls_pki: both(
    (_metadata, { certificates }) => certificates?.issue !== undefined,
    lists('token_endpoint_auth_methods_supported', 'tls_client_auth'),
  ),
  certificate_bound: both(hook('certificates'), says('tls_client_certificate_bound_access_tokens')),
  dpop: anyOf('dpop_signing_alg_values_supported'),
  signed_userinfo: anyOf('userinfo_signing_alg_values_supported'),
  signed_introspection: anyOf('introspection_signing_alg_values_supported'),
  pairwise: lists('subject_types_supported', 'pairwise'),
  /** Pages that people are meant to see: not those of a quick start. */
  pages: (_metadata, { samplePages }) => samplePages !== true,
  initial_access_token: hook('initialAccessToken'),
  clock: hook('moveClock'),
  api: hook('api'),
  other_api: hook('otherApi'),
  disable_user: hook('disableUser'),
  change_password: hook('changePassword'),
  disable_client: hook('disableClient'),
  delete_client: hook('deleteClient'),
  end_consent: hook('endConsent'),
  rotate_keys: hook('rotateKeys'),
  break_store: hook('breakStore'),
  fapi2: hook('fapi2'),
} as const satisfies Readonly<Record<string, Says>>;

export type Feature = keyof typeof FEATURES;

export function featuresOf(metadata: Metadata, hooks: Hooks): ReadonlySet<Feature> {
  const found = Object.entries(FEATURES).filter(([, isOffered]) => isOffered(metadata, hooks));
  return new Set(found.map(([name]) => name as Feature));
}
