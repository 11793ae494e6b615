/** The client that authenticates by its key, the same one in every process of a benchmark. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const VARIABLE = 'BENCH_CLIENT_KEY';
const KID = 'bench-signer-key';

/** Registered at every server alike, with the method private_key_jwt. */
export const SIGNER = { id: 'bench-signer', alg: 'ES256' } as const;

/** Made by the first process; the programs that it starts inherit it. */
function signingKey(): KeyObject {
  process.env[VARIABLE] ??= generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return createPrivateKey(process.env[VARIABLE]);
}

const privateKey = signingKey();

export const SIGNER_JWK = {
  ...createPublicKey(privateKey).export({ format: 'jwk' }),
  kid: KID,
  alg: SIGNER.alg,
  use: 'sig',
} as const;

/** Assertions (RFC 7523 §2.2) that no server has seen. */
export function signAssertions(audience: string, count: number): readonly string[] {
  const now = Math.floor(Date.now() / 1000);
  const header = encode({ alg: SIGNER.alg, kid: KID });
  const claims = { iss: SIGNER.id, sub: SIGNER.id, aud: audience, iat: now, exp: now + 300 };
  return Array.from({ length: count }, (_, index) => {
    const input = `${header}.${encode({ ...claims, jti: `${process.pid}-${now}-${index}-${Math.random()}` })}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  });
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
