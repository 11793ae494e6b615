// A key that proves itself, by an independent library: what an app would do.
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT } from 'jose';

export interface ProofOf {
  readonly method?: string;
  readonly url: string;
  /** Milliseconds. */
  readonly at?: number;
  readonly accessToken?: string;
  /** Claims and header members that stand in for the usual ones; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface DpopKey {
  /** The thumbprint. */
  readonly jkt: string;
  readonly privateJwk: object;
  proof(of: ProofOf): Promise<string>;
}

export async function createDpopKey(): Promise<DpopKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  return {
    jkt: await calculateJwkThumbprint(jwk),
    privateJwk: privateKey.export({ format: 'jwk' }),
    proof({ method = 'POST', url, at = Date.now(), accessToken, claims = {}, header = {} }) {
      const ath =
        accessToken === undefined
          ? {}
          : { ath: createHash('sha256').update(accessToken).digest('base64url') };
      const payload = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(at / 1000), ...ath };
      return new SignJWT(present({ ...payload, ...claims }))
        .setProtectedHeader({ alg: 'ES256', ...present({ typ: 'dpop+jwt', jwk, ...header }) })
        .sign(privateKey);
    },
  };
}

function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
