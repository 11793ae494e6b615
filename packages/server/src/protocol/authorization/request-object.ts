/**
 * A request that its client signed: sent by value, never fetched. Only what is inside of it counts.
 * @spec RFC 9101 §4, §5.1, §6 and §10.8; FAPI 2.0 Message Signing §5.3
 */
import { hashTokenString, JwtError, type JsonObject, verifyJwt } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { isHeldToFapi2 } from '../security-profile.ts';
import { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import { REQUEST_PARAMETERS } from './read-request.ts';

/** Many libraries leave `typ` out; one that names another kind of JWT is that other kind. */
const ACCEPTED_TYPES = [undefined, 'JWT', 'oauth-authz-req+jwt'];
/** What clients may sign with, unless they registered one of them. */
export const REQUEST_OBJECT_ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA', 'RS256'];
/** FAPI 2.0 Security Profile §5.4. */
const FAPI2_ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA'];
/** A client's clock may be so far ahead (FAPI 2.0 Security Profile §5.3.2.1). */
const CLOCK_AHEAD_SECONDS = 10;
/** FAPI 2.0 Message Signing §5.3.1: nothing older, nothing that lives longer. */
const MAX_AGE_SECONDS = 3600;
const MAX_JTI_LENGTH = 512;
const OBJECTS: readonly string[] = ['claims', 'authorization_details'];

export interface RequestObjectDependencies {
  readonly issuer: string;
  readonly clientKeys: ClientKeys;
}

export interface RequestObject {
  readonly parameters: Form;
  /** Where the object has an identifier: it is good for one answer. */
  readonly jti?: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/**
 * @param at milliseconds
 * @throws OAuthError `invalid_request_object`
 */
export async function readRequestObject(
  object: string,
  client: Client,
  at: number,
  { issuer, clientKeys }: RequestObjectDependencies,
): Promise<RequestObject> {
  const claims = await verify(object, client, at, clientKeys);
  const { iss, aud, sub, jti, exp } = claims;
  if (iss !== client.id) throw refused('The iss of the request object must be the client_id');
  if (claims['client_id'] !== client.id) throw refused('The client_id of the request object is another one');
  if (aud !== issuer && !(Array.isArray(aud) && aud.includes(issuer))) {
    throw refused('The aud of the request object must be the issuer');
  }
  // What names its signer as its subject is a client's assertion, not a request (RFC 9101 §10.8).
  if (sub !== undefined) throw refused('A request object must not have a sub');
  if (claims['request'] !== undefined || claims['request_uri'] !== undefined) {
    throw refused('A request object must not hold another one');
  }
  validateTimes(claims, at);
  if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH)) {
    throw refused('The jti of the request object is not a string of bearable length');
  }
  return {
    parameters: new Form(toParameters(claims)),
    expiresAt: Number(exp) * 1000,
    ...(jti === undefined ? {} : { jti }),
  };
}

/** By which a request is remembered once it is answered. */
export function requestObjectId(clientId: string, jti: string): string {
  const hash = hashTokenString(JSON.stringify([clientId, jti]));
  return `request_object ${Buffer.from(hash).toString('base64url')}`;
}

async function verify(
  object: string,
  client: Client,
  at: number,
  clientKeys: ClientKeys,
): Promise<JsonObject> {
  try {
    const verified = await verifyJwt(object, {
      typ: ACCEPTED_TYPES,
      algs: acceptedAlgs(client),
      findKey: (kid, alg) => clientKeys.find(client, kid, alg, at),
    });
    return verified.payload;
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw refused('The request object is not signed by this client as it registered');
  }
}

function acceptedAlgs(client: Client): readonly string[] {
  const registered = client.metadata.request_object_signing_alg;
  const accepted = isHeldToFapi2(client) ? FAPI2_ALGS : REQUEST_OBJECT_ALGS;
  return registered === undefined ? accepted : accepted.filter((alg) => alg === registered);
}

function validateTimes({ exp, nbf, iat }: JsonObject, at: number): void {
  const now = at / 1000;
  if (!isTime(exp) || !isTime(nbf)) throw refused('The request object needs exp and nbf, in seconds');
  if (exp <= now) throw refused('The request object has expired');
  if (nbf > now + CLOCK_AHEAD_SECONDS) throw refused('The request object is not valid yet');
  if (nbf < now - MAX_AGE_SECONDS) throw refused('The request object is older than an hour');
  if (exp > nbf + MAX_AGE_SECONDS) throw refused('The request object lives longer than an hour');
  if (iat !== undefined && (!isTime(iat) || iat > now + CLOCK_AHEAD_SECONDS)) {
    throw refused('The iat of the request object lies ahead');
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** As a form would have brought them; a value of another JSON type counts as its text, as RFC 9101 §4 has it. */
function toParameters(claims: JsonObject): Readonly<Record<string, unknown>> {
  const parameters: [string, unknown][] = [];
  for (const name of REQUEST_PARAMETERS) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined) continue;
    const isText = typeof value === 'string';
    const isResource = name === 'resource' || name === 'audience';
    if (isText || (isResource && Array.isArray(value) && value.every((each) => typeof each === 'string'))) {
      parameters.push([name, value]);
    } else if (typeof value === 'object' && value !== null && OBJECTS.includes(name)) {
      parameters.push([name, JSON.stringify(value)]);
    } else if (name === 'max_age' && typeof value === 'number') {
      parameters.push([name, String(value)]);
    } else {
      throw refused('A parameter in the request object is not of the type it should be');
    }
  }
  return Object.fromEntries(parameters);
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_request_object', description);
}
