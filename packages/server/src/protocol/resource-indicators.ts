/**
 * Which API a request names, by `resource` or its alias `audience`.
 * @spec RFC 8707 §2
 */
import type { Grant } from '../domain/grant.ts';
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

/** A person has to take in what an app asks for. */
const MAX_RESOURCES = 10;

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
  const [identifier, ...others] = namedIdentifiers(form);
  if (others.length > 0) {
    throw new OAuthError('invalid_target', 'An access token is for one API; name one resource');
  }
  return identifier === undefined ? { kind: 'none' } : findIdentified(identifier, issuer, resources);
}

/**
 * Every API that an authorization request names, in its order; the first kind is `none` when it names none.
 * @throws OAuthError `invalid_target` when one is unknown, when they are too many, or when the alias disagrees
 */
export async function findTargets(
  form: Form,
  issuer: string,
  resources: Resources,
): Promise<readonly [Target, ...Target[]]> {
  const identifiers = namedIdentifiers(form);
  if (identifiers.length > MAX_RESOURCES) throw new OAuthError('invalid_target', 'Too many resources');
  const [first = { kind: 'none' }, ...others] = await Promise.all(
    identifiers.map((identifier) => findIdentified(identifier, issuer, resources)),
  );
  const known = new Set([targetResourceId(first)]);
  return [
    first,
    ...others.filter((target) => !known.has(targetResourceId(target)) && known.add(targetResourceId(target))),
  ];
}

async function findIdentified(identifier: string, issuer: string, resources: Resources): Promise<Target> {
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
    const resource = await resources.findByIdentifier(canonicalIdentifier(spelling, issuer));
    if (resource !== undefined) return { kind: 'resource', resource };
  }
  throw new OAuthError('invalid_target', 'The requested resource is not known here');
}

/** The distinct names; where the alias is sent beside `resource`, it must name the same. */
function namedIdentifiers(form: Form): readonly string[] {
  const named = new Set(form.all('resource'));
  const alias = new Set(form.all('audience'));
  if (named.size === 0) return [...alias];
  if (alias.size > 0 && (named.size !== alias.size || [...alias].some((each) => !named.has(each)))) {
    throw new OAuthError('invalid_target', 'resource and its alias audience name different APIs');
  }
  return [...named];
}

/** Every API of a grant, by id; one that names none is for the issuer and the default API. */
export function grantedResourceIds(
  grant: Pick<Grant, 'resourceId' | 'resourceIds'>,
): readonly (string | undefined)[] {
  return grant.resourceIds ?? [grant.resourceId];
}

/**
 * What a token request under a grant is for: the API it names if the grant holds it, else the only one of the grant.
 * @param issuerToo whether the issuer may be named though the grant does not hold it
 * @throws OAuthError `invalid_target` when it names another, or none where the grant holds several (RFC 8707 §2.2)
 * @returns undefined when the grant's API is gone
 */
export async function narrowTarget(
  form: Form,
  grant: Pick<Grant, 'resourceId' | 'resourceIds'>,
  issuer: string,
  resources: Resources,
  issuerToo = false,
): Promise<Target | undefined> {
  const named = await findTarget(form, issuer, resources);
  if (named.kind === 'none') {
    if (grant.resourceIds === undefined) return targetOf(grant.resourceId, resources);
    throw new OAuthError(
      'invalid_target',
      'The authorization is for several APIs; name one of them by resource',
    );
  }
  if (named.kind === 'issuer' && issuerToo) return named;
  if (grantedResourceIds(grant).includes(targetResourceId(named))) return named;
  throw new OAuthError('invalid_target', 'The authorization was not for this resource');
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
