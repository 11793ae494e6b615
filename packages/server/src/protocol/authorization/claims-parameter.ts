/**
 * The `claims` parameter: single claims that a client wants told, in the ID token or at UserInfo. Claims that are not
 * known, or not there, are left out of the answer; that is what the standard asks, even of essential ones.
 * @spec OpenID Connect Core §5.5
 */
import type { ClaimsRequest, ClaimWish } from '../../domain/claims-request.ts';
import type { Client } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { scopeOfClaim } from '../person-claims.ts';
import { isObject, parseJson } from './json-parameter.ts';

const MAX_CLAIMS = 50;

/** @throws OAuthError `invalid_request` when it is not of the form that the standard gives */
export function readClaimsParameter(form: Form, client: Client): ClaimsRequest | undefined {
  const value = form.get('claims');
  if (value === undefined) return undefined;
  const parsed = parseJson(value);
  if (!isObject(parsed)) throw refused('claims is not a JSON object');
  const userinfo = withoutForbidden(readWishes(parsed['userinfo']), client);
  const idToken = withoutForbidden(readWishes(parsed['id_token']), client);
  return {
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}

/**
 * The scopes that would open the claims named one by one. The person is asked for them as for scopes, so that nothing is
 * told that nobody agreed to.
 */
export function scopesOfClaims({ userinfo = {}, id_token: idToken = {} }: ClaimsRequest): readonly string[] {
  const scopes = [...Object.keys(userinfo), ...Object.keys(idToken)].map((name) => scopeOfClaim(name));
  return [...new Set(scopes.filter((scope) => scope !== undefined))];
}

/** Without the claims that a client may not ask for by scope either; voluntary as all claims are, they are left out. */
function withoutForbidden(
  wishes: Readonly<Record<string, ClaimWish>> | undefined,
  client: Client,
): Readonly<Record<string, ClaimWish>> | undefined {
  if (wishes === undefined || client.scopes === undefined) return wishes;
  const allowed = Object.entries(wishes).filter(([name]) => {
    const scope = scopeOfClaim(name);
    return scope === undefined || client.scopes?.includes(scope) === true;
  });
  return Object.fromEntries(allowed);
}

function readWishes(value: unknown): Readonly<Record<string, ClaimWish>> | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw refused('userinfo and id_token of claims must be JSON objects');
  const entries = Object.entries(value);
  if (entries.length > MAX_CLAIMS) throw refused('claims names too many claims');
  return Object.fromEntries(entries.map(([name, wish]) => [name, readWish(wish)]));
}

function readWish(value: unknown): ClaimWish {
  if (value === null) return {};
  if (!isObject(value)) throw refused('A claim of claims is neither null nor a JSON object');
  const { essential, values } = value;
  if (essential !== undefined && typeof essential !== 'boolean') throw refused('essential is not a boolean');
  if (values !== undefined && !Array.isArray(values)) throw refused('values is not an array');
  return {
    ...(essential === undefined ? {} : { essential }),
    ...(value['value'] === undefined ? {} : { value: value['value'] }),
    ...(values === undefined ? {} : { values }),
  };
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_request', description);
}
