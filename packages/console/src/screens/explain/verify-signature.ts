/** Whether the signature of a JWT or CWT holds, found out by the browser: neither the token nor its claims go anywhere. */
import { toBeSigned, type CoseAlg } from '@tessera/tokens/cose';
import { type Check, failed, passed, type ReadCose, type ReadJwt, skipped } from '@tessera/tokens/explain';

/** A key as it is published (RFC 7517). */
export type PublicKey = JsonWebKey & { readonly kid?: string };

type Algorithm = readonly [
  imported: RsaHashedImportParams | EcKeyImportParams | { name: string },
  used: EcdsaParams | RsaPssParams | { name: string },
];

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ES256: [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-256' },
  ],
  RS256: [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, { name: 'RSASSA-PKCS1-v1_5' }],
  PS256: [
    { name: 'RSA-PSS', hash: 'SHA-256' },
    { name: 'RSA-PSS', saltLength: 32 },
  ],
  EdDSA: [{ name: 'Ed25519' }, { name: 'Ed25519' }],
};

const PUBLISHED = 'a key that the issuer publishes';

/** The two checks that need a key. */
export async function checkSignature(
  token: string,
  read: ReadJwt | ReadCose,
  keys: readonly PublicKey[],
): Promise<readonly Check[]> {
  const { alg, kid } = read.header;
  const algorithm = typeof alg === 'string' ? ALGORITHMS[alg] : undefined;
  if (algorithm === undefined) return skippedBoth('there is no such key');
  // Browsers give their cryptography to secure pages only; loopback counts as one.
  if (!globalThis.isSecureContext) return skippedBoth('this page did not come over https');
  const named = typeof kid === 'string' ? kid : 'a token without kid';
  const key = keys.find((each) => each.kid === kid);
  if (key === undefined) {
    const fix =
      'Its key is retired, or of another issuer. Paste the keys of its issuer below to check with those.';
    return [failed('key', { expected: PUBLISHED, got: named, fix }), skipped('signature', 'there is no key')];
  }
  const found = passed('key', { expected: PUBLISHED, got: named });
  const expected = `${String(alg)} by ${named}`;
  const holds = await verify(token, read, key, algorithm);
  if (holds === undefined) return [found, skipped('signature', `this browser cannot check ${String(alg)}`)];
  if (holds) return [found, passed('signature', { expected, got: 'it holds' })];
  const fix = 'It was changed on the way, cut off, or not signed with the key it names. Get another token.';
  return [found, failed('signature', { expected, got: 'it does not hold', fix })];
}

function skippedBoth(why: string): readonly Check[] {
  return [skipped('key', why), skipped('signature', why)];
}

/** @returns undefined where the browser does not know the algorithm, or cannot use the key */
async function verify(
  token: string,
  read: ReadJwt | ReadCose,
  jwk: PublicKey,
  [imported, used]: Algorithm,
): Promise<boolean | undefined> {
  try {
    // What a key may be used for elsewhere is no matter here.
    const { key_ops: _operations, use: _use, ext: _extractable, alg: _alg, ...bare } = jwk;
    const key = await crypto.subtle.importKey('jwk', bare, imported, false, ['verify']);
    const [signed, signature] = partsOf(token, read);
    return await crypto.subtle.verify(used, key, signature, signed);
  } catch {
    return undefined;
  }
}

function partsOf(
  token: string,
  read: ReadJwt | ReadCose,
): readonly [signed: BufferSource, signature: BufferSource] {
  if (read.format === 'jwt') {
    const end = token.lastIndexOf('.');
    const signature = Uint8Array.from(Buffer.from(token.slice(end + 1), 'base64url'));
    return [new TextEncoder().encode(token.slice(0, end)), signature];
  }
  const { protectedBytes, payload, signature } = read.message;
  const alg = String(read.header['alg']) as CoseAlg;
  return [Uint8Array.from(toBeSigned(alg, protectedBytes, payload)), Uint8Array.from(signature)];
}
