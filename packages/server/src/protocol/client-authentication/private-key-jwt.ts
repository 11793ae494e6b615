/**
 * `private_key_jwt`: a short-lived JWT that the client signed with its own key, good once.
 * @spec RFC 7523 §2.2 and §3, RFC 7521 §4.2 and §5.2, OpenID Connect Core §9
 */
import { decodeJwt, JwtError, type JsonObject, verifyJwtElsewhere } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { isHeldToFapi2 } from '../security-profile.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import { OAuthError } from '../oauth-error.ts';
import type { ClientAuthenticationMethod, Proof } from './presented-credentials.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Most libraries leave `typ` out; one that names another kind of JWT is that other kind. */
const ACCEPTED_TYPES = [undefined, 'JWT', 'client-authentication+jwt'];
/** What clients may sign with, unless they registered one of them. */
export const ASSERTION_ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA', 'RS256'];
/** FAPI 2.0 Security Profile §5.4. */
const FAPI2_ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA'];
/** A client's clock may be so far ahead (FAPI 2.0 Security Profile §5.3.2.1). */
const CLOCK_AHEAD_SECONDS = 10;
const MAX_LIFETIME_SECONDS = 600;
const MAX_JTI_LENGTH = 512;

export interface ClientAssertionDependencies {
  readonly issuer: string;
  readonly clientKeys: ClientKeys;
}

/** Whom the request names, or else the assertion; whether they agree is for `verifyClientAssertion`. */
export const privateKeyJwt: ClientAuthenticationMethod = ({ form }) => {
  if (!form.has('client_assertion') && !form.has('client_assertion_type')) return undefined;
  const assertion = form.get('client_assertion');
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new OAuthError('invalid_client', `The client_assertion_type has to be ${ASSERTION_TYPE}`);
  }
  if (assertion === undefined) throw new OAuthError('invalid_client', 'The client_assertion is missing');
  const clientId = form.get('client_id') ?? subjectOf(assertion);
  return { method: 'private_key_jwt', clientId, assertion };
};

/** Nothing is proven of it yet. */
function subjectOf(assertion: string): string {
  const sub = decodeJwt(assertion)?.payload['sub'];
  return typeof sub === 'string' ? sub : '';
}

/**
 * Whether the client itself made the assertion, for this server, just now.
 * @param at milliseconds
 * @returns where it did: its identifier, which counts once
 */
export async function verifyClientAssertion(
  assertion: string,
  client: Client,
  at: number,
  { issuer, clientKeys }: ClientAssertionDependencies,
): Promise<Proof> {
  let claims: JsonObject;
  try {
    const verified = await verifyJwtElsewhere(assertion, {
      typ: ACCEPTED_TYPES,
      algs: acceptedAlgs(client),
      findKey: (kid, alg) => clientKeys.find(client, kid, alg, at),
    });
    claims = verified.payload;
  } catch (error) {
    if (error instanceof JwtError) return false;
    throw error;
  }
  // From here on the client made it, so it may be told what is wrong.
  const { iss, sub, jti, exp } = claims;
  if (sub !== client.id || iss !== client.id) return 'The iss and sub of the assertion must be the client_id';
  if (!isForUs(claims['aud'], client, issuer)) return `The aud of the assertion must be ${issuer}`;
  const wrongTime = timeRefusal(claims, at);
  if (wrongTime !== undefined) return wrongTime;
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) {
    return 'The assertion needs a jti, a string that is used once';
  }
  return {
    use: 'client_assertion',
    identifier: JSON.stringify([client.id, jti]),
    until: Math.ceil(Number(exp) * 1000),
  };
}

function acceptedAlgs(client: Client): readonly string[] {
  const registered = client.metadata.token_endpoint_auth_signing_alg;
  const accepted = isHeldToFapi2(client) ? FAPI2_ALGS : ASSERTION_ALGS;
  return registered === undefined ? accepted : accepted.filter((alg) => alg === registered);
}

/**
 * The issuer as a string; outside of FAPI 2.0 also the address of the token endpoint or the one for pushed requests
 * (RFC 9126 §2), and any of them in a list.
 */
function isForUs(aud: unknown, client: Client, issuer: string): boolean {
  if (isHeldToFapi2(client)) return aud === issuer;
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return only === issuer || only === `${issuer}/api/token` || only === `${issuer}/api/par`;
}

/** @param at milliseconds */
function timeRefusal({ exp, nbf, iat }: JsonObject, at: number): string | undefined {
  const now = at / 1000;
  if (!isTime(exp)) return 'The assertion needs an exp in seconds';
  if (exp <= now) return 'The assertion has expired';
  if (exp > now + MAX_LIFETIME_SECONDS + CLOCK_AHEAD_SECONDS) {
    return `The exp of the assertion is more than ${MAX_LIFETIME_SECONDS} seconds ahead`;
  }
  for (const from of [nbf, iat]) {
    if (from === undefined) continue;
    if (!isTime(from)) return 'The nbf and iat of the assertion must be seconds';
    if (from > now + CLOCK_AHEAD_SECONDS) return 'The assertion is not valid yet';
  }
  return undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
