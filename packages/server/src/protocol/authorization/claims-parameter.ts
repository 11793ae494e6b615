/**
 * The `claims` parameter: single claims that a client wants told, in the ID token or at UserInfo. Claims that are not
 * known, or not there, are left out of the answer; that is what the standard asks, even of essential ones.
 * @spec OpenID Connect Core §5.5
 */
import type { ClaimsRequest, ClaimWish } from '../../domain/claims-request.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { isObject, parseJson } from './json-parameter.ts';

const MAX_CLAIMS = 50;

/** @throws OAuthError `invalid_request` when it is not of the form that the standard gives */
export function readClaimsParameter(form: Form): ClaimsRequest | undefined {
  const value = form.get('claims');
  if (value === undefined) return undefined;
  const parsed = parseJson(value);
  if (!isObject(parsed)) throw refused('claims is not a JSON object');
  const userinfo = readWishes(parsed['userinfo']);
  const idToken = readWishes(parsed['id_token']);
  return {
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
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
