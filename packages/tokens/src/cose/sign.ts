/**
 * Makes COSE_Sign1 and COSE_Mac0 messages, many per second: the headers are encoded once.
 * @spec RFC 9052 §4.2, §4.4, §6.2, §6.3; RFC 8392 §6
 */
import { encodeCbor } from '../cbor/encode.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/value.ts';
import { coseAlgNumbers, isMacAlg, signMessage, signMessageElsewhere } from './algorithm.ts';
import type { CoseKey } from './key.ts';
import { CWT_TAG, MAC0_TAG, SIGN1_TAG, coseHeaders } from './message.ts';
import { toBeSigned, writeByteString } from './to-be-signed.ts';

export interface CoseSignerOptions {
  /** Parameters beside `alg`, which is always here. */
  readonly protectedHeader?: CborMap;
  readonly unprotectedHeader?: CborMap;
  /** Where the key is named, if it has a name. Default `protected`. */
  readonly kidHeader?: 'protected' | 'unprotected';
  /** Which tags stand in front: 61 and 17 or 18 (`cwt`, the default), 17 or 18 alone (`cose`), or `none`. */
  readonly tags?: 'cwt' | 'cose' | 'none';
  readonly externalAad?: Uint8Array;
}

/** From a payload to the message. */
export interface CoseSigner {
  sign(payload: Uint8Array): Uint8Array;
  /** On another thread, where there is a signature to make; the caller's thread is free for others meanwhile. */
  signElsewhere(payload: Uint8Array): Promise<Uint8Array>;
}

/** @throws TypeError when the key does not fit its algorithm, or cannot sign */
export function createCoseSigner(signingKey: CoseKey, options: CoseSignerOptions = {}): CoseSigner {
  if (!canSign(signingKey)) throw new TypeError('the key does not fit its algorithm, or cannot sign');
  const { alg, key } = signingKey;
  const { protectedBytes, start } = encodeHeaders(signingKey, options);
  return {
    sign(payload) {
      const input = toBeSigned(alg, protectedBytes, payload, options.externalAad);
      return assemble(start, payload, signMessage(alg, key, input));
    },
    async signElsewhere(payload) {
      const input = toBeSigned(alg, protectedBytes, payload, options.externalAad);
      return assemble(start, payload, await signMessageElsewhere(alg, key, input));
    },
  };
}

/** Everything before the payload. */
function encodeHeaders(
  { alg, kid }: CoseKey,
  options: CoseSignerOptions,
): { protectedBytes: Uint8Array; start: Uint8Array } {
  const protectedHeader = new Map<CborKey, CborValue>(options.protectedHeader);
  const unprotectedHeader = new Map<CborKey, CborValue>(options.unprotectedHeader);
  protectedHeader.set(coseHeaders.alg, coseAlgNumbers[alg]);
  if (kid !== undefined) {
    (options.kidHeader === 'unprotected' ? unprotectedHeader : protectedHeader).set(coseHeaders.kid, kid);
  }
  const protectedBytes = encodeCbor(protectedHeader);
  const tags = tagBytes(isMacAlg(alg) ? MAC0_TAG : SIGN1_TAG, options.tags ?? 'cwt');
  const start = Buffer.concat([
    tags,
    ARRAY_OF_FOUR,
    encodeCbor(protectedBytes),
    encodeCbor(unprotectedHeader),
  ]);
  return { protectedBytes, start };
}

const ARRAY_OF_FOUR = Buffer.of(0x84);

function tagBytes(tag: number, tags: 'cwt' | 'cose' | 'none'): Uint8Array {
  if (tags === 'none') return new Uint8Array();
  return Buffer.of(...(tags === 'cwt' ? [0xd8, CWT_TAG] : []), 0xc0 | tag);
}

function assemble(start: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(start.length + payload.length + signature.length + 18);
  bytes.set(start);
  const end = writeByteString(bytes, writeByteString(bytes, start.length, payload), signature);
  return bytes.subarray(0, end);
}

function canSign({ alg, key }: CoseKey): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  // Nothing new gets a tag of eight bytes.
  if (isMacAlg(alg)) return alg === 'HS256' && key.type === 'secret' && (key.symmetricKeySize ?? 0) >= 32;
  if (key.type !== 'private') return false;
  if (alg === 'ES256') return type === 'ec' && details?.namedCurve === 'prime256v1';
  if (alg === 'EdDSA') return type === 'ed25519';
  return (type === 'rsa' || type === 'rsa-pss') && (details?.modulusLength ?? 0) >= 2048;
}
