/**
 * What a person may leave out of the scopes that an app asks for. The app learns it from `scope` in the answer.
 * @spec RFC 6749 §3.3 (the server may grant less than was asked), OpenID Connect Core §3.1.2.1 (`openid`)
 */

/** Without it the request would be another one: no ID token, and nobody to tell anything of. */
const NEEDED = 'openid';

/**
 * Scopes that a person may take out, in the order in which they were asked for.
 * @param more whether the request is for something besides scopes; if it is not, the only scope cannot be left out
 */
export function optionalScopes(asked: readonly string[], more: boolean): readonly string[] {
  const optional = [...new Set(asked)].filter((scope) => scope !== NEEDED);
  return optional.length === 1 && !more && !asked.includes(NEEDED) ? [] : optional;
}

/** What is left when a person allowed these of the optional ones; names that were not asked for count for nothing. */
export function scopesLeft(
  asked: readonly string[],
  optional: readonly string[],
  allowed: ReadonlySet<string>,
): readonly string[] {
  const refused = new Set(optional.filter((scope) => !allowed.has(scope)));
  return asked.filter((scope) => !refused.has(scope));
}
