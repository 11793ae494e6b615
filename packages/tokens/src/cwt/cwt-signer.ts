/**
 * Signs CWTs, many per second: the headers are encoded once.
 * @spec RFC 8392 §7.1; RFC 9596 §2
 */
import { encodeBase64url } from '../base64url.ts';
import { coseHeaders } from '../cose/message.ts';
import { kidBytes } from '../cose/key.ts';
import { createCoseSigner } from '../cose/sign.ts';
import type { JsonObject } from '../json-object.ts';
import type { SigningKeyHandle } from '../signing-key.ts';
import { encodeClaims } from './claims.ts';

/** From claims, under the names that they have in a JWT, to the token as text. */
export interface CwtSigner {
  sign(claims: JsonObject): string;
  /** On another thread: slower for one token, and the caller's thread is free for others meanwhile. */
  signElsewhere(claims: JsonObject): Promise<string>;
}

/**
 * @param signingKey one for ES256
 * @param typ the media type, such as `application/at+cwt`
 * @throws TypeError for an RS256 key
 */
export function createCwtSigner(signingKey: SigningKeyHandle, typ: string): CwtSigner {
  const { alg, kid, privateKey } = signingKey;
  if (alg !== 'ES256') throw new TypeError('CWTs are signed with ES256');
  const signer = createCoseSigner(
    { kid: kidBytes(kid), alg, key: privateKey },
    { protectedHeader: new Map([[coseHeaders.typ, typ]]) },
  );
  return {
    sign: (claims) => encodeBase64url(signer.sign(encodeClaims(claims))),
    async signElsewhere(claims) {
      return encodeBase64url(await signer.signElsewhere(encodeClaims(claims)));
    },
  };
}
