/**
 * Inside tokens: a short-lived JWT that stands for the token that was sent, for upstreams that check JWTs and should not
 * see what callers hold. Signed with the gateway's own key.
 * @spec RFC 9068 §2.2; RFC 7519 §4.1; RFC 8414 §3
 */
import { createHash, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createJwkSet,
  createJwtSigner,
  generateSigningKey,
  type GeneratedSigningKey,
  importSigningKey,
  jwkThumbprint,
} from '@tessera/tokens';
import type { AccessToken } from '@tessera/verifier';
import type { GatewayConfig } from './config/schema.ts';

export interface InsideTokens {
  /** @param audience the API behind the gateway */
  issue(accessToken: AccessToken, audience: string): string;
  /** What upstreams that verify them fetch, by path. */
  readonly documents: ReadonlyMap<string, unknown>;
}

type Settings = NonNullable<GatewayConfig['inside_tokens']>;

/** A token is used again until this much of its life is left. */
const USED_UNTIL = 0.5;
const REMEMBERED = 10_000;

/** @throws TypeError for a key that is not one for ES256 */
export async function createInsideTokens(settings: Settings, clock: () => number): Promise<InsideTokens> {
  const { issuer, lifetime_seconds: lifetimeSeconds } = settings;
  const key = settings.key === undefined ? await generateSigningKey('ES256') : readKey(settings.key);
  const signer = createJwtSigner(importSigningKey(key), 'at+jwt');
  const remembered = new Map<string, { readonly jwt: string; readonly until: number }>();
  return {
    issue(accessToken, audience) {
      const now = Math.floor(clock() / 1000);
      const of = createHash('sha256')
        .update(JSON.stringify([audience, accessToken.claims]))
        .digest('base64url');
      const known = remembered.get(of);
      if (known !== undefined && now < known.until) return known.jwt;
      const exp = Math.min(now + lifetimeSeconds, accessToken.exp);
      const jwt = signer.sign({
        ...claimsOf(accessToken),
        iss: issuer,
        aud: audience,
        iat: now,
        exp,
        jti: randomUUID(),
      });
      remembered.delete(of);
      remembered.set(of, { jwt, until: now + Math.floor((exp - now) * USED_UNTIL) });
      if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      return jwt;
    },
    documents: new Map<string, unknown>([
      ['/.well-known/jwks.json', createJwkSet([key.publicJwk])],
      [
        '/.well-known/oauth-authorization-server',
        { issuer, jwks_uri: `${issuer.replace(/\/$/, '')}/.well-known/jwks.json` },
      ],
    ]),
  };
}

/** What it says of the person and the app; what it is bound to was proven at the gateway, and is not passed on. */
function claimsOf({ sub, clientId, scopes, claims }: AccessToken): Readonly<Record<string, unknown>> {
  const { org_id: organization, auth_time: authTime, acr, act } = claims;
  return {
    sub,
    client_id: clientId,
    scope: scopes.join(' '),
    ...(organization === undefined ? {} : { org_id: organization }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(acr === undefined ? {} : { acr }),
    ...(act === undefined ? {} : { act }),
  };
}

function readKey(setting: string): GeneratedSigningKey {
  const pem = setting.trimStart().startsWith('-----BEGIN ') ? setting : readFileSync(setting, 'utf8');
  const privateKey = createPrivateKey(pem);
  const { x = '', y = '', kty, crv } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256') throw new TypeError('inside_tokens.key is not an EC key on P-256');
  const kid = jwkThumbprint({ kty, crv, x, y });
  return {
    kid,
    alg: 'ES256',
    publicJwk: { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' },
    privateKeyPkcs8: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
  };
}
