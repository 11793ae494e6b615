/** Which APIs a token of an organization may be for: its own, and those that the deployment opens to everybody. */
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Resource } from '../../domain/resource.ts';

/** Never Tessera's own API: a personal access token makes no tokens. */
export function isReachable(
  resource: Pick<Resource, 'organizationId' | 'builtIn'>,
  organizationId: string,
): boolean {
  if (resource.builtIn) return false;
  return resource.organizationId === DEFAULT_ORGANIZATION_ID || resource.organizationId === organizationId;
}

/** The organization that a token for the API is made in, where its owner names none. */
export function usualOrganization(
  resource: Pick<Resource, 'organizationId'>,
  owner: { readonly organizationId: string },
): string {
  return resource.organizationId === DEFAULT_ORGANIZATION_ID ? owner.organizationId : resource.organizationId;
}
