/**
 * The server's own APIs as protected resources: how a client that knows only their addresses finds its way.
 * @spec RFC 9728 §2, RFC 8707 §2
 */
import { protectedResourceMetadata, type ProtectedResourceMetadata } from '@tessera/verifier';
import { OPENID_SCOPES } from '../domain/scope.ts';
import { TESSERA_API_IDENTIFIER } from '../domain/resource.ts';

/** Both are one API with one audience; each has its own address and scope. */
const APIS = [
  { path: '/admin/v1', scope: 'admin', name: 'Tessera admin API' },
  { path: '/account/v1', scope: 'account', name: 'Tessera account API' },
] as const;

/** The identifier under which an address of ours is kept; any other identifier as it is. */
export function canonicalIdentifier(identifier: string, issuer: string): string {
  const isOwn = APIS.some(({ path }) => identifier === `${issuer}${path}`);
  return isOwn ? TESSERA_API_IDENTIFIER : identifier;
}

/** The documents to publish: UserInfo's, whose resource is the issuer itself, and one for each API. */
export function ownApiMetadata(issuer: string): readonly ProtectedResourceMetadata[] {
  const authorizationServers = [issuer];
  const userinfo = protectedResourceMetadata({
    resource: issuer,
    authorizationServers,
    resourceName: 'Tessera UserInfo',
    // Not `offline_access`: no call needs it.
    scopesSupported: OPENID_SCOPES.map(({ name }) => name).filter((name) => name !== 'offline_access'),
    resourceDocumentation: `${issuer}/docs`,
  });
  const apis = APIS.map(({ path, scope, name }) =>
    protectedResourceMetadata({
      resource: `${issuer}${path}`,
      authorizationServers,
      resourceName: name,
      scopesSupported: [scope],
      resourceDocumentation: `${issuer}/docs`,
    }),
  );
  return [userinfo, ...apis];
}
