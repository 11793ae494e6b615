/** What a request is for, in words: the APIs that it uses, its scopes, its details. */
import type { AuthorizationDetail } from '../../domain/authorization-detail.ts';
import type { Resource } from '../../domain/resource.ts';
import { OPENID_SCOPES } from '../../domain/scope.ts';
import type { Resources } from '../../ports/resources.ts';
import type { AuthorizationRequest } from '../../protocol/authorization/authorization-request.ts';
import { detailsFor } from '../../protocol/authorization-details.ts';
import { audienceOf, grantedResourceIds } from '../../protocol/resource-indicators.ts';
import type { ConsentDetail } from '../consent-details.ts';
import type { ConsentPage } from '../consent-page.ts';

export interface DescribedRequest extends Pick<ConsentPage, 'scopes'> {
  /** Those of which something is asked; the first is the one that the request named first. */
  readonly apis: readonly Resource[];
  readonly details: readonly ConsentDetail[];
}

export async function describeRequest(
  request: AuthorizationRequest,
  { issuer, resources }: { readonly issuer: string; readonly resources: Resources },
): Promise<DescribedRequest> {
  const { authorizationDetails = [], claimScopes = [] } = request;
  const scopes = [...new Set([...request.scopes, ...claimScopes])];
  const ids = grantedResourceIds(request);
  const audiences = await Promise.all(ids.map((id) => audienceOf(id, issuer, resources)));
  const named = audiences.flatMap((audience) => audience.resources);
  const described = [...OPENID_SCOPES, ...named.flatMap((api) => api.scopes)];
  return {
    apis: named.filter(
      (api) => scopes.some((name) => hasScope(api, name)) || detailsFor(authorizationDetails, api).length > 0,
    ),
    scopes: scopes.map((name) => ({
      ...(described.find((scope) => scope.name === name) ?? { name, description: name }),
      api: named.length < 2 ? undefined : namesOf(named.filter((api) => hasScope(api, name))),
    })),
    details: named.flatMap((api) => describeDetails(authorizationDetails, api)),
  };
}

function describeDetails(details: readonly AuthorizationDetail[], api: Resource): readonly ConsentDetail[] {
  const types = api.authorizationDetailsTypes ?? [];
  return detailsFor(details, api).flatMap((detail) =>
    types.filter(({ type }) => type === detail.type).map((type) => ({ detail, type, api: api.name })),
  );
}

function hasScope(api: Resource, name: string): boolean {
  return api.scopes.some((scope) => scope.name === name);
}

function namesOf(apis: readonly Resource[]): string | undefined {
  return apis.length === 0 ? undefined : apis.map((api) => api.name).join(', ');
}
