/**
 * The API and the scopes that an assertion may be traded for: what its rule names, and no more.
 * @spec RFC 8707 §2
 */
import type { Client } from '../../domain/client.ts';
import type { Resource } from '../../domain/resource.ts';
import { isOpenidScope } from '../../domain/scope.ts';
import type { AssertionRule } from '../../domain/trusted-issuer.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { stillGrantable } from '../requested-scopes.ts';

/** The one API that a request names. @throws OAuthError `invalid_target` when it names several */
export function namedResource(form: Form): string | undefined {
  const [identifier, ...others] = new Set(form.all('resource'));
  if (others.length === 0) return identifier;
  throw new OAuthError('invalid_target', 'An access token is for one API; name one resource');
}

/** @throws OAuthError `invalid_target` when the rule does not name the API, or it is gone */
export async function allowedResource(
  identifier: string,
  rule: AssertionRule,
  resources: Resources,
): Promise<Resource> {
  const resource = rule.resources.includes(identifier)
    ? await resources.findByIdentifier(identifier)
    : undefined;
  if (resource !== undefined && !resource.builtIn) return resource;
  throw new OAuthError('invalid_target', 'The assertion is not good for this resource');
}

/** Scopes of the rule that the API still has and the client may carry; never who a person is. */
export function allowedScopes(rule: AssertionRule, client: Client, resource: Resource): readonly string[] {
  return stillGrantable(rule.scopes, client, resource).filter((name) => !isOpenidScope(name));
}
