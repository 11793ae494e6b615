/**
 * Which API a request names, by `resource` or its alias `audience`.
 * @spec RFC 8707 §2
 */
import { ISSUER_RESOURCE_ID, type Resource } from '../domain/resource.ts';
import type { Resources } from '../ports/resources.ts';
import type { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';
import { canonicalIdentifier } from './own-apis.ts';
import { otherSpellings } from './resource-spelling.ts';

/** What a request names: nothing, the issuer, or an API. */
export type Target =
  | { readonly kind: 'none' }
  | { readonly kind: 'issuer' }
  | { readonly kind: 'resource'; readonly resource: Resource };

/** The `resource_id` under which tokens and grants for the target are kept. */
export function targetResourceId(target: Target): string | undefined {
  if (target.kind === 'none') return undefined;
  return target.kind === 'issuer' ? ISSUER_RESOURCE_ID : target.resource.id;
}

/**
 * The one API a request names. Tokens carry the identifier as it is registered, however the request spells it.
 * @throws OAuthError `invalid_target` when it is unknown, when several are named, or when the alias disagrees
 */
export async function findTarget(form: Form, issuer: string, resources: Resources): Promise<Target> {
  const identifier = namedIdentifier(form);
  if (identifier === undefined) return { kind: 'none' };
  if (identifier === issuer) return { kind: 'issuer' };
  const resource = await resources.findByIdentifier(canonicalIdentifier(identifier, issuer));
  return resource === undefined
    ? findOtherSpelling(identifier, issuer, resources)
    : { kind: 'resource', resource };
}

async function findOtherSpelling(identifier: string, issuer: string, resources: Resources): Promise<Target> {
  for (const spelling of otherSpellings(identifier)) {
    if (spelling === issuer) return { kind: 'issuer' };
    // oxlint-disable-next-line no-await-in-loop -- at most two, and the first that is known decides
    const resource = await resources.findByIdentifier(spelling);
    if (resource !== undefined) return { kind: 'resource', resource };
  }
  throw new OAuthError('invalid_target', 'The requested resource is not known here');
}

function namedIdentifier(form: Form): string | undefined {
  const named = new Set([...form.all('resource'), ...form.all('audience')]);
  if (named.size > 1) {
    throw new OAuthError('invalid_target', 'An access token is for one API; name one resource');
  }
  const [identifier] = named;
  return identifier;
}

/** The target that a grant was made for. */
export async function targetOf(
  resourceId: string | undefined,
  resources: Resources,
): Promise<Target | undefined> {
  if (resourceId === undefined) return { kind: 'none' };
  if (resourceId === ISSUER_RESOURCE_ID) return { kind: 'issuer' };
  const resource = await resources.find(resourceId);
  return resource === undefined ? undefined : { kind: 'resource', resource };
}

/** The API whose scopes a request may name: the one it names, else the default one. */
export async function resourceOf(target: Target, resources: Resources): Promise<Resource | undefined> {
  if (target.kind === 'resource') return target.resource;
  return target.kind === 'none' ? await resources.findDefault() : undefined;
}

/** The audience of a token (RFC 9068 §2.2): the API alone; the issuer and the default API when none was named. */
export async function audienceOf(
  resourceId: string | undefined,
  issuer: string,
  resources: Resources,
): Promise<{ readonly audience: readonly string[]; readonly resources: readonly Resource[] }> {
  if (resourceId === ISSUER_RESOURCE_ID) return { audience: [issuer], resources: [] };
  if (resourceId === undefined) {
    const standard = await resources.findDefault();
    return standard === undefined
      ? { audience: [issuer], resources: [] }
      : { audience: [issuer, standard.identifier], resources: [standard] };
  }
  const resource = await resources.find(resourceId);
  return resource === undefined
    ? { audience: [], resources: [] }
    : { audience: [resource.identifier], resources: [resource] };
}
