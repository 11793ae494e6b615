/**
 * How a client sends its authorization requests, and how it wants them answered.
 * @spec RFC 9126 §6, RFC 9101 §10.5, JARM §3, RFC 9396 §10, OpenID Connect Dynamic Client Registration §2
 */
import { Type } from '../../schema/type.ts';
import { REQUEST_OBJECT_ALGS } from '../authorization/request-object.ts';
import { RESPONSE_SIGNING_ALGS } from '../authorization/response-mode.ts';
import type { ClientMetadata, Settled } from './client-metadata.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { type MetadataRefusal, refuse } from './refusal.ts';

const Algorithm = Type.String({ minLength: 1, maxLength: 20 });
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50 });

export const authorizationRequests: MetadataRule = {
  members: {
    require_pushed_authorization_requests: Type.Boolean({
      description: 'Whether requests of the client have to be pushed to /api/par',
    }),
    require_signed_request_object: Type.Boolean({
      description: 'Whether requests of the client have to be signed',
    }),
    request_object_signing_alg: Type.String({
      ...Algorithm,
      description: `The only algorithm of its signed requests: ${REQUEST_OBJECT_ALGS.join(', ')}`,
    }),
    authorization_signed_response_alg: Type.String({
      ...Algorithm,
      description: `What signs answers in a JWT: ${RESPONSE_SIGNING_ALGS.join(', ')}`,
    }),
    authorization_details_types: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      ...Names,
      description: 'The types of authorization_details it may ask for; absent: those of any API',
    }),
    default_max_age: Type.Integer({
      minimum: 0,
      maximum: 999_999_999,
      description: 'Seconds after which a sign-in is too old, where a request says nothing',
    }),
    require_auth_time: Type.Boolean({ description: 'ID tokens always have auth_time; accepted as it is' }),
    default_acr_values: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      ...Names,
      description: 'The acr_values of requests that name none',
    }),
  },
  refusals: (metadata, settled) => [
    ...algorithmRefusals(metadata),
    ...keyRefusals(metadata),
    ...twiceRefusals(metadata),
    ...codeRefusals(metadata, settled),
  ],
};

function algorithmRefusals(metadata: ClientMetadata): MetadataRefusal[] {
  const known: readonly (readonly [keyof ClientMetadata, readonly string[]])[] = [
    ['request_object_signing_alg', REQUEST_OBJECT_ALGS],
    ['authorization_signed_response_alg', RESPONSE_SIGNING_ALGS],
  ];
  return known.flatMap(([member, algs]) => {
    const value = metadata[member];
    return value === undefined || (typeof value === 'string' && algs.includes(value))
      ? []
      : [refuse(`/${member}`, `must be one of ${algs.join(', ')}`)];
  });
}

/** Nothing could be signed that is believed. */
function keyRefusals({
  require_signed_request_object: required,
  jwks,
  jwks_uri: uri,
}: ClientMetadata): MetadataRefusal[] {
  return required === true && jwks === undefined && uri === undefined
    ? [refuse('/require_signed_request_object', 'needs jwks or jwks_uri beside it')]
    : [];
}

function twiceRefusals(metadata: ClientMetadata): MetadataRefusal[] {
  return (['authorization_details_types', 'default_acr_values'] as const).flatMap((member) => {
    const values = metadata[member] ?? [];
    return new Set(values).size === values.length ? [] : [refuse(`/${member}`, 'a value is named twice')];
  });
}

function codeRefusals(metadata: ClientMetadata, { grantTypes }: Settled): MetadataRefusal[] {
  const needsCode = metadata.require_pushed_authorization_requests === true;
  return needsCode && !grantTypes.includes('authorization_code')
    ? [refuse('/require_pushed_authorization_requests', 'is for the grant type authorization_code')]
    : [];
}
