/**
 * Which scopes a request gets: those it asks for, if the API, the client and the flow allow them all.
 * @spec RFC 6749 §3.3
 */
import { isPermitted, permittedScopes } from '../access/agents.ts';
import type { Client } from '../domain/client.ts';
import type { Resource } from '../domain/resource.ts';
import { isOpenidScope, SCOPE_TOKEN_PATTERN } from '../domain/scope.ts';
import { OAuthError } from './oauth-error.ts';

const MAX_SCOPES = 100;

/** Splits a `scope` parameter into its distinct names. @throws OAuthError `invalid_scope` */
export function parseScope(scope: string | undefined): readonly string[] {
  if (scope === undefined) return [];
  const names = [...new Set(scope.split(' ').filter((name) => name !== ''))];
  if (names.length > MAX_SCOPES) throw new OAuthError('invalid_scope', 'Too many scopes');
  for (const name of names) {
    if (!SCOPE_TOKEN_PATTERN.test(name)) {
      throw new OAuthError('invalid_scope', 'The scope holds a character that a scope may not hold');
    }
  }
  return names;
}

export interface ScopeRequest {
  readonly requested: readonly string[];
  readonly client: Client;
  /** The API whose scopes may be asked for; absent when the request names none and there is no default API. */
  readonly resource: Resource | undefined;
  /** Further APIs, where the request names several. */
  readonly otherResources?: readonly Resource[];
  /** Whether a person decides. Without one there is no identity to give, and the client's own list is the limit. */
  readonly person: boolean;
}

/**
 * The scopes granted: what was asked for; when nothing was, the API's default scopes, and all that an agent may have.
 * @throws OAuthError `invalid_target` for Tessera's own API and somebody else's client, and for an API that takes no
 * apps of a document's description; `invalid_scope` when one is unknown to the API or not allowed to the client
 */
export function grantableScopes(request: ScopeRequest): readonly string[] {
  if (request.otherResources !== undefined) return scopesOfSeveral(request, request.otherResources);
  const { requested, client, resource, person } = request;
  if (resource?.builtIn === true && !client.firstParty) {
    throw new OAuthError('invalid_target', 'This resource is for the clients of the server itself');
  }
  if (client.registeredBy === 'metadata_document' && resource !== undefined && !resource.allowUrlClients) {
    throw new OAuthError('invalid_target', 'This resource is not for apps that only a document describes');
  }
  if (requested.length === 0) {
    const standard =
      client.agent === undefined ? (resource?.defaultScopes ?? []) : permittedScopes(client.agent, resource);
    return standard.filter((name) => hasScope(resource, name) && isAllowed(name, client, resource));
  }
  for (const name of requested) {
    if (!(isOpenidScope(name) ? person : hasScope(resource, name))) {
      throw new OAuthError('invalid_scope', 'A requested scope is not one of this API');
    }
    if (!isAllowed(name, client, resource) || (!person && !isOwn(name, client, resource))) {
      throw new OAuthError('invalid_scope', 'A requested scope is not allowed to this client');
    }
  }
  return requested;
}

/** Each scope has to be of one of the APIs, and each API that has it would grant it by itself. */
function scopesOfSeveral(
  { resource, ...request }: ScopeRequest,
  others: readonly Resource[],
): readonly string[] {
  const apis = resource === undefined ? others : [resource, ...others];
  const { requested, client, person } = request;
  const alone = (names: readonly string[], api: Resource): readonly string[] =>
    grantableScopes({ requested: names, client, person, resource: api });
  if (requested.length === 0) return [...new Set(apis.flatMap((api) => alone([], api)))];
  for (const name of requested) {
    const holders = apis.filter((api) => isOpenidScope(name) || hasScope(api, name));
    if (holders.length === 0)
      throw new OAuthError('invalid_scope', 'A requested scope is of none of the APIs');
    for (const api of holders) alone([name], api);
  }
  // Tessera's own API is refused even where no scope of it is asked for.
  for (const api of apis) alone([], api);
  return requested;
}

function hasScope(resource: Resource | undefined, name: string): boolean {
  return resource?.scopes.some((scope) => scope.name === name) === true;
}

/** Of scopes that a person granted, those that the API still has and the client may still carry. */
export function stillGrantable(
  granted: readonly string[],
  client: Client,
  resource: Resource | undefined,
): readonly string[] {
  return granted.filter(
    (name) => (isOpenidScope(name) || hasScope(resource, name)) && isAllowed(name, client, resource),
  );
}

function isAllowed(name: string, client: Client, resource: Resource | undefined): boolean {
  if (client.agent !== undefined) return isOpenidScope(name) || isPermitted(client.agent, name, resource);
  if (client.registeredBy === 'metadata_document' && !isOpenToDocuments(name, resource)) return false;
  return (
    client.scopes === undefined ||
    client.scopes.includes(name) ||
    resource?.defaultScopes.includes(name) === true
  );
}

/** What an app gets at most that only a document describes: who the person is, and what the API opens to such apps. */
function isOpenToDocuments(name: string, resource: Resource | undefined): boolean {
  if (isOpenidScope(name)) return true;
  return resource?.allowUrlClients === true && resource.defaultScopes.includes(name);
}

/**
 * Without a person nobody grants but whoever owns the API: by the list of a client that they own as well, or by the
 * default scopes, which are for every client. What others write into a list of their own opens nothing here.
 */
function isOwn(name: string, client: Client, resource: Resource | undefined): boolean {
  // What an agent may have in its own name was weighed before it came here (agent-grants).
  if (client.agent !== undefined) return isPermitted(client.agent, name, resource);
  if (resource?.defaultScopes.includes(name) === true) return true;
  return client.organizationId === resource?.organizationId && client.scopes?.includes(name) === true;
}
