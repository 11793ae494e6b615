// Client assertions (RFC 7523 §2.2), signed as an app would sign them.
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Parameters } from './oauth-calls.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface ClientKey {
  readonly privateKey: KeyObject;
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function createClientKey(kid: string): ClientKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, kid, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
}

export interface AssertionDetails {
  readonly clientId: string;
  readonly audience: string;
  /** Milliseconds. */
  readonly at: number;
  /** To replace claims; undefined takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export function signAssertion(
  { privateKey, kid }: Pick<ClientKey, 'privateKey' | 'kid'>,
  { clientId, audience, at, claims = {}, header = {} }: AssertionDetails,
): Promise<string> {
  const now = Math.floor(at / 1000);
  const all = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  };
  const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey);
}

export function asserted(assertion: string): Parameters {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
}
