/**
 * Signs JWTs, many per second: the header is encoded once.
 * @spec RFC 7515 §5.1; RFC 7519 §7.1
 */
import { encodeBase64url } from './base64url.ts';
import { signBytes, signBytesElsewhere } from './jws-algorithm.ts';
import type { SigningKeyHandle } from './signing-key.ts';

/** From claims to the compact token. */
export interface JwtSigner {
  sign(payload: object): string;
  /** On another thread: slower for one token, and the caller's thread is free for others meanwhile. */
  signElsewhere(payload: object): Promise<string>;
}

/** @param typ the header's `typ`, such as `at+jwt` or `JWT` */
export function createJwtSigner(key: SigningKeyHandle, typ: string): JwtSigner {
  const { alg, kid, privateKey } = key;
  const prefix = `${encodeJson({ alg, typ, kid })}.`;
  return {
    sign(payload) {
      const signingInput = prefix + encodeJson(payload);
      return compact(signingInput, signBytes(alg, privateKey, Buffer.from(signingInput, 'latin1')));
    },
    async signElsewhere(payload) {
      const signingInput = prefix + encodeJson(payload);
      const signature = await signBytesElsewhere(alg, privateKey, Buffer.from(signingInput, 'latin1'));
      return compact(signingInput, signature);
    },
  };
}

function compact(signingInput: string, signature: Uint8Array): string {
  return `${signingInput}.${encodeBase64url(signature)}`;
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
