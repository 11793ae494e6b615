/**
 * From a metadata document to the client it describes. The same document serves many servers, so what only others
 * can use is passed over; what must not be there is refused.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §4.1
 */
import { GRANT_TYPES, TOKEN_ENDPOINT_AUTH_METHODS } from '../../domain/client.ts';
import { FIRST_PARTY_SCOPES, type RegisteredMetadata } from '../client-metadata/index.ts';
import { readMetadata } from '../client-metadata/read-metadata.ts';
import {
  SELF_REGISTRABLE_GRANT_TYPES,
  validateSelfRegistration,
  withoutOperatorMembers,
} from '../registration/self-registration.ts';

export type ReadDocument =
  | { readonly client: RegisteredMetadata }
  /** For the log: why the document is no client. Holds nothing of the document but names of members. */
  | { readonly refusal: string };

/** There is no way to share a secret with a stranger. */
const AUTH_METHODS: readonly string[] = ['none', 'private_key_jwt'];
const SELF_REGISTRABLE_HERE = SELF_REGISTRABLE_GRANT_TYPES.filter((type) =>
  (GRANT_TYPES as readonly string[]).includes(type),
);
const SECRET_MEMBERS = ['client_secret', 'client_secret_expires_at'];

/** @param url where the document was fetched */
export function readDocument(url: string, body: Uint8Array): ReadDocument {
  const json = parseObject(body);
  if (json === undefined) return { refusal: 'it is not a JSON object' };
  if (json['client_id'] !== url) return { refusal: 'its client_id is not its own URL' };
  if (typeof json['client_name'] !== 'string') return { refusal: 'it has no client_name' };
  if (!Array.isArray(json['redirect_uris'])) return { refusal: 'it has no redirect_uris' };
  const secret = SECRET_MEMBERS.find((name) => json[name] !== undefined);
  if (secret !== undefined) return { refusal: `it has a ${secret}` };
  const method = json['token_endpoint_auth_method'] ?? 'none';
  const known: readonly unknown[] = TOKEN_ENDPOINT_AUTH_METHODS;
  if (typeof method !== 'string' || !AUTH_METHODS.includes(method) || !known.includes(method)) {
    return { refusal: 'its token_endpoint_auth_method is not one for documents' };
  }
  const read = readMetadata(usableHere({ ...json, token_endpoint_auth_method: method }));
  if ('refusals' in read) return refusedFor(read.refusals);
  const { client_name: name = '', ...metadata } = read.metadata;
  const validation = validateSelfRegistration({ ...metadata, client_name: name });
  if ('refusals' in validation) return refusedFor(validation.refusals);
  if (!validation.accepted.grantTypes.includes('authorization_code')) {
    return { refusal: 'its grant_types lack authorization_code' };
  }
  return { client: validation.accepted };
}

function refusedFor(
  refusals: readonly { readonly pointer: string; readonly detail: string }[],
): ReadDocument {
  const [first] = refusals;
  return { refusal: `${first?.pointer ?? ''} ${first?.detail ?? ''}` };
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves out grant types, response types and scopes that this server gives to no such client. */
function usableHere(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const {
    grant_types: grantTypes,
    response_types: responseTypes,
    scope,
    ...rest
  } = withoutOperatorMembers(json);
  return {
    ...rest,
    ...(grantTypes !== undefined && { grant_types: only(grantTypes, SELF_REGISTRABLE_HERE) }),
    ...(responseTypes !== undefined && { response_types: only(responseTypes, ['code']) }),
    ...(typeof scope === 'string' && {
      scope: scope
        .split(' ')
        .filter((name) => !FIRST_PARTY_SCOPES.includes(name))
        .join(' '),
    }),
  };
}

function only(values: unknown, usable: readonly string[]): unknown {
  return Array.isArray(values)
    ? values.filter((value: unknown) => usable.some((name) => name === value))
    : values;
}
