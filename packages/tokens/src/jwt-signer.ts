/**
 * Signs JWTs, many per second: the header is encoded once, the signature is made synchronously.
 * @spec RFC 7515 §5.1; RFC 7519 §7.1
 */
import { encodeBase64url } from './base64url.ts';
import { signBytes } from './jws-algorithm.ts';
import type { SigningKeyHandle } from './signing-key.ts';

/**
 * @param typ the header's `typ`, such as `at+jwt` or `JWT`
 * @returns a function from claims to the compact token
 */
export function createJwtSigner(key: SigningKeyHandle, typ: string): (payload: object) => string {
  const { alg, kid, privateKey } = key;
  const prefix = `${encodeJson({ alg, typ, kid })}.`;
  return (payload) => {
    const signingInput = prefix + encodeJson(payload);
    const signature = signBytes(alg, privateKey, Buffer.from(signingInput, 'latin1'));
    return `${signingInput}.${encodeBase64url(signature)}`;
  };
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
