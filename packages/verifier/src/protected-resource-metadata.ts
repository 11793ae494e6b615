/**
 * What an API says about itself, so that a client that knows only its address finds the authorization server.
 * @spec RFC 9728 §2, §3.1
 */

export interface ProtectedResource {
  /** The API's identifier: an absolute URI without fragment. */
  readonly resource: string;
  /** Issuers whose tokens the API takes; at least one. */
  readonly authorizationServers: readonly string[];
  /** The scopes a client should start with; leave out what only few need. */
  readonly scopesSupported?: readonly string[];
  readonly resourceName?: string;
  readonly resourceDocumentation?: string;
  readonly resourcePolicyUri?: string;
  readonly resourceTosUri?: string;
}

/** The document of RFC 9728 §2, under its wire names. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  readonly resource_policy_uri?: string;
  readonly resource_tos_uri?: string;
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** @throws TypeError when the resource is not an absolute URI without fragment, or no server is named */
export function protectedResourceMetadata(api: ProtectedResource): ProtectedResourceMetadata {
  if (!URL.canParse(api.resource) || api.resource.includes('#')) {
    throw new TypeError('resource must be an absolute URI without fragment');
  }
  if (api.authorizationServers.length === 0)
    throw new TypeError('at least one authorization server is needed');
  return {
    resource: api.resource,
    authorization_servers: api.authorizationServers,
    ...(api.scopesSupported === undefined ? {} : { scopes_supported: api.scopesSupported }),
    bearer_methods_supported: ['header'],
    ...(api.resourceName === undefined ? {} : { resource_name: api.resourceName }),
    ...(api.resourceDocumentation === undefined ? {} : { resource_documentation: api.resourceDocumentation }),
    ...(api.resourcePolicyUri === undefined ? {} : { resource_policy_uri: api.resourcePolicyUri }),
    ...(api.resourceTosUri === undefined ? {} : { resource_tos_uri: api.resourceTosUri }),
  };
}

/** The address of the metadata for an API whose identifier is an http or https URL (RFC 9728 §3.1). */
export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`;
}

/** Where an API serves its metadata: the plain path, and the one that ends in the resource's own path. */
export function protectedResourceMetadataPaths({
  resource,
}: Pick<ProtectedResource, 'resource'>): readonly string[] {
  const { protocol, pathname } = new URL(resource);
  const hasPath = (protocol === 'https:' || protocol === 'http:') && pathname !== '/';
  return hasPath ? [WELL_KNOWN, WELL_KNOWN + pathname] : [WELL_KNOWN];
}
