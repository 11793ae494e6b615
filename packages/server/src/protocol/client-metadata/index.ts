/**
 * What a client may say of itself when it is registered, and what that makes it.
 *
 * @spec RFC 7591 §2, OpenID Connect Dynamic Client Registration §2 (`application_type`)
 */
import type { Client, GrantType, TokenEndpointAuthMethod } from '../../domain/client.ts';
import {
  DEVICE_CODE_GRANT,
  GRANT_TYPES,
  TOKEN_ENDPOINT_AUTH_METHODS,
  TOKEN_EXCHANGE_GRANT,
} from '../../domain/client.ts';
import { SCOPE_TOKEN_PATTERN } from '../../domain/scope.ts';
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';
import { validateRegisteredRedirectUri } from '../redirect-uri.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { type MetadataRefusal, refuse } from './refusal.ts';
import type { ClientMetadata, Settled } from './client-metadata.ts';
import { METADATA_RULES } from './rules.ts';
import { isWebPage } from './web-page.ts';

export type { ClientMetadata } from './client-metadata.ts';
export type { MetadataRefusal } from './refusal.ts';

/** The part of a client that its metadata decide. */
export type RegisteredMetadata = Pick<
  Client,
  | 'name'
  | 'applicationType'
  | 'redirectUris'
  | 'grantTypes'
  | 'tokenEndpointAuthMethod'
  | 'scopes'
  | 'requirePkce'
  | 'clientUri'
  | 'logoUri'
  | 'policyUri'
  | 'tosUri'
  | 'contacts'
  | 'metadata'
>;

export type MetadataValidation =
  | { readonly accepted: RegisteredMetadata }
  | { readonly refusals: readonly MetadataRefusal[] };

/** Scopes of Tessera's own API: for first-party clients, which nobody registers. */
export const FIRST_PARTY_SCOPES: readonly string[] = ['admin', 'account'];

/** Grants in which the client's own credentials carry the proof. */
const FOR_CONFIDENTIAL_CLIENTS: readonly GrantType[] = ['client_credentials', TOKEN_EXCHANGE_GRANT];

const MAX_REDIRECT_URIS = 50;

/** Applies the defaults and every rule; all refusals are given, not only the first. */
export function validateClientMetadata(metadata: ClientMetadata): MetadataValidation {
  const settled = withDefaults(metadata);
  const refusals = [
    ...grantRefusals(settled),
    ...authMethodRefusals(settled),
    ...redirectUriRefusals(settled),
    ...scopeRefusals(settled.scopes),
    ...nameRefusals(metadata.client_name),
    ...pageUriRefusals(metadata),
    ...METADATA_RULES.flatMap((rule) => rule.refusals(metadata, settled)),
  ];
  return refusals.length > 0 ? { refusals } : { accepted: toRegistered(metadata, settled) };
}

function withDefaults(metadata: ClientMetadata): Settled {
  const grantTypes = metadata.grant_types ?? ['authorization_code'];
  return {
    grantTypes,
    responseTypes: metadata.response_types ?? (grantTypes.includes('authorization_code') ? ['code'] : []),
    authMethod: metadata.token_endpoint_auth_method ?? 'client_secret_basic',
    applicationType: metadata.application_type ?? 'web',
    redirectUris: metadata.redirect_uris ?? [],
    scopes:
      metadata.scope === undefined ? undefined : metadata.scope.split(' ').filter((name) => name !== ''),
    requirePkce: metadata.require_pkce ?? true,
  };
}

function isGrantType(value: string): value is GrantType {
  return (GRANT_TYPES as readonly string[]).includes(value);
}

function isAuthMethod(value: string): value is TokenEndpointAuthMethod {
  return (TOKEN_ENDPOINT_AUTH_METHODS as readonly string[]).includes(value);
}

function grantRefusals({ grantTypes, responseTypes }: Settled): MetadataRefusal[] {
  const refusals: MetadataRefusal[] = [];
  for (const [index, type] of grantTypes.entries()) {
    if (!isGrantType(type)) {
      refusals.push(refuse(`/grant_types/${index}`, `unknown grant type; known: ${GRANT_TYPES.join(', ')}`));
    } else if (grantTypes.indexOf(type) !== index) {
      refusals.push(refuse(`/grant_types/${index}`, 'named twice'));
    }
  }
  const usesCode = grantTypes.includes('authorization_code');
  if (grantTypes.includes('refresh_token') && !usesCode && !grantTypes.includes(DEVICE_CODE_GRANT)) {
    refusals.push(
      refuse('/grant_types', `refresh_token needs authorization_code or ${DEVICE_CODE_GRANT} beside it`),
    );
  }
  const expected = usesCode ? 'code' : '';
  if (responseTypes.join(' ') !== expected) {
    const detail = usesCode ? 'must be ["code"]' : 'must be empty without the grant type authorization_code';
    refusals.push(refuse('/response_types', detail));
  }
  return refusals;
}

function authMethodRefusals({ authMethod, grantTypes, requirePkce }: Settled): MetadataRefusal[] {
  if (!isAuthMethod(authMethod)) {
    const known = TOKEN_ENDPOINT_AUTH_METHODS.join(', ');
    return [refuse('/token_endpoint_auth_method', `unknown method; known: ${known}`)];
  }
  if (authMethod !== 'none') return [];
  const refusals: MetadataRefusal[] = [];
  for (const type of FOR_CONFIDENTIAL_CLIENTS) {
    if (!grantTypes.includes(type)) continue;
    const detail = `a public client (token_endpoint_auth_method none) has no credentials to use ${type} with`;
    refusals.push(refuse('/grant_types', detail));
  }
  if (grantTypes.length === 0) {
    refusals.push(refuse('/grant_types', 'a public client needs at least one grant type'));
  }
  if (!requirePkce) {
    refusals.push(refuse('/require_pkce', 'only a confidential client may go without PKCE'));
  }
  return refusals;
}

function redirectUriRefusals({ redirectUris, grantTypes, applicationType }: Settled): MetadataRefusal[] {
  if (applicationType !== 'web' && applicationType !== 'native') {
    return [refuse('/application_type', 'must be web or native')];
  }
  if (redirectUris.length > MAX_REDIRECT_URIS) {
    return [refuseRedirect('/redirect_uris', `at most ${MAX_REDIRECT_URIS}`)];
  }
  if (redirectUris.length === 0 && grantTypes.includes('authorization_code')) {
    return [refuseRedirect('/redirect_uris', 'the grant type authorization_code needs at least one')];
  }
  return redirectUris.flatMap((uri, index) => {
    const twice = redirectUris.indexOf(uri) !== index ? 'named twice' : undefined;
    const reason = validateRegisteredRedirectUri(uri, applicationType) ?? twice;
    return reason === undefined ? [] : [refuseRedirect(`/redirect_uris/${index}`, reason)];
  });
}

function refuseRedirect(pointer: string, detail: string): MetadataRefusal {
  return { error: 'invalid_redirect_uri', pointer, detail };
}

function scopeRefusals(scopes: readonly string[] | undefined): MetadataRefusal[] {
  const names = scopes ?? [];
  const forbidden = names.filter((name) => FIRST_PARTY_SCOPES.includes(name));
  if (forbidden.length > 0) {
    return [refuse('/scope', `${forbidden.join(' and ')}: only for Tessera's own clients`)];
  }
  if (names.some((name) => !SCOPE_TOKEN_PATTERN.test(name))) {
    return [refuse('/scope', 'a scope name may hold printable ASCII except space, " and \\')];
  }
  return new Set(names).size === names.length ? [] : [refuse('/scope', 'a scope is named twice')];
}

// People read the name on the consent page: nothing invisible, nothing that turns the direction of the text. U+FE0F
// only asks for the coloured form of a sign.
const DECEPTIVE_CHARACTERS =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}[\p{Default_Ignorable_Code_Point}--\u{fe0f}]]/v;

function nameRefusals(name: string): MetadataRefusal[] {
  if (name.trim() === '') return [refuse('/client_name', 'must not be empty')];
  if (DECEPTIVE_CHARACTERS.test(name)) {
    return [refuse('/client_name', 'must not hold control, invisible or direction-changing characters')];
  }
  return [];
}

const PAGE_URIS = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;

function pageUriRefusals(metadata: ClientMetadata): MetadataRefusal[] {
  return PAGE_URIS.flatMap((member) => {
    const value = metadata[member];
    return value === undefined || isWebPage(value) ? [] : [refuse(`/${member}`, 'must be an https URL')];
  });
}

function toRegistered(metadata: ClientMetadata, settled: Settled): RegisteredMetadata {
  return {
    name: metadata.client_name,
    applicationType: settled.applicationType === 'native' ? 'native' : 'web',
    redirectUris: settled.redirectUris,
    grantTypes: settled.grantTypes.filter(isGrantType),
    tokenEndpointAuthMethod: isAuthMethod(settled.authMethod) ? settled.authMethod : 'client_secret_basic',
    requirePkce: settled.requirePkce,
    ...(settled.scopes !== undefined && { scopes: settled.scopes }),
    ...(metadata.client_uri !== undefined && { clientUri: metadata.client_uri }),
    ...(metadata.logo_uri !== undefined && { logoUri: metadata.logo_uri }),
    ...(metadata.policy_uri !== undefined && { policyUri: metadata.policy_uri }),
    ...(metadata.tos_uri !== undefined && { tosUri: metadata.tos_uri }),
    ...(metadata.contacts !== undefined && { contacts: metadata.contacts }),
    metadata: protocolMetadata(metadata),
  };
}

/** Every member that a rule of this room knows. */
export const PROTOCOL_METADATA_MEMBERS: MetadataRule['members'] = Object.assign(
  {},
  ...METADATA_RULES.map((rule) => rule.members),
);

function protocolMetadata(metadata: ClientMetadata): ProtocolMetadata {
  const known = Object.entries(metadata).filter(
    ([member, value]) => value !== undefined && Object.hasOwn(PROTOCOL_METADATA_MEMBERS, member),
  );
  return Object.fromEntries(known);
}
