/**
 * An authorization request, less what a person took out of it on the consent page.
 * @spec RFC 6749 §3.3, OpenID Connect Core §3.1.2.4 and §5.5.1 (a claim may be left out, an essential one too)
 */
import type { ClaimsRequest, ClaimWish } from '../../domain/claims-request.ts';
import { optionalScopes, scopesLeft } from '../optional-scopes.ts';
import { scopeOfClaim } from '../person-claims.ts';
import type { AuthorizationRequest } from './authorization-request.ts';

/** What a person may take out: scopes, and claims by the scopes that open them. */
export function optionalScopesOf(request: AuthorizationRequest): readonly string[] {
  const { scopes, claimScopes = [], authorizationDetails } = request;
  return optionalScopes([...scopes, ...claimScopes], authorizationDetails !== undefined);
}

/** @returns undefined when nothing is left of it */
export function narrowRequest(
  request: AuthorizationRequest,
  allowed: ReadonlySet<string>,
): AuthorizationRequest | undefined {
  const optional = optionalScopesOf(request);
  if (optional.every((scope) => allowed.has(scope))) return request;
  const left = (scopes: readonly string[]): readonly string[] => scopesLeft(scopes, optional, allowed);
  const { scopes, resourceScopes, claimScopes, claims, authorizationDetails } = request;
  const narrowed: AuthorizationRequest = {
    ...request,
    scopes: left(scopes),
    ...(resourceScopes === undefined ? {} : { resourceScopes: resourceScopes.map(left) }),
    ...(claimScopes === undefined ? {} : { claimScopes: left(claimScopes) }),
    ...(claims === undefined ? {} : { claims: narrowClaims(claims, left) }),
  };
  const isEmpty = narrowed.scopes.length === 0 && authorizationDetails === undefined;
  return isEmpty ? undefined : narrowed;
}

function narrowClaims(
  { userinfo, id_token: idToken }: ClaimsRequest,
  left: (scopes: readonly string[]) => readonly string[],
): ClaimsRequest {
  const narrow = (wishes: Readonly<Record<string, ClaimWish>>): Readonly<Record<string, ClaimWish>> =>
    Object.fromEntries(
      Object.entries(wishes).filter(([name]) => {
        const scope = scopeOfClaim(name);
        return scope === undefined || left([scope]).length > 0;
      }),
    );
  return {
    ...(userinfo === undefined ? {} : { userinfo: narrow(userinfo) }),
    ...(idToken === undefined ? {} : { id_token: narrow(idToken) }),
  };
}
