/**
 * Sealed boxes: secrets that must be read again, encrypted with AES-256-GCM under a derived key.
 * Layout: version byte 1, nonce (12 bytes), ciphertext, tag (16 bytes). Version and context are authenticated.
 * @spec NIST SP 800-38D; RFC 5869 and NIST SP 800-56C r2 §4 (key derivation)
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Random } from './random.ts';
import { hashTokenString } from './token-string.ts';

const VERSION = 1;
const KEY_SIZE = 32;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const HEADER_SIZE = 1 + NONCE_SIZE;
const MINIMUM_SECRET_SIZE = 16;
const MINIMUM_TOKEN_LENGTH = 43;
/** The counter before the secret, 32 bits. */
const FIRST_BLOCK = '\0\0\0\u0001';

/** One key, or several while one takes the place of another: the first one seals, each of them opens. */
export type SealingKey = Uint8Array | readonly Uint8Array[];

/**
 * @param key 32 bytes; not more than 2³² boxes under one key, because nonces are random
 * @param context names what is inside and whose it is; `open` needs the same text
 * @throws RangeError when the key or the random bytes have the wrong size
 */
export function seal(key: SealingKey, plaintext: Uint8Array, context: string, random: Random): Uint8Array {
  const cipherKey = importKey(firstOf(key));
  const nonce = random(NONCE_SIZE);
  if (nonce.length !== NONCE_SIZE) throw new RangeError('random gave the wrong number of bytes');
  const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: TAG_SIZE });
  cipher.setAAD(associatedData(context));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  const sealed = new Uint8Array(HEADER_SIZE + ciphertext.length + TAG_SIZE);
  sealed[0] = VERSION;
  sealed.set(nonce, 1);
  sealed.set(ciphertext, HEADER_SIZE);
  sealed.set(cipher.getAuthTag(), HEADER_SIZE + ciphertext.length);
  return sealed;
}

/**
 * @returns the plaintext, or undefined when anything differs: key, context, version, or a single bit.
 * @throws RangeError when the key has the wrong size
 */
export function open(key: SealingKey, sealed: Uint8Array, context: string): Uint8Array | undefined {
  if (key instanceof Uint8Array) return openWith(key, sealed, context);
  for (const one of key) {
    const opened = openWith(one, sealed, context);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

function openWith(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array | undefined {
  const cipherKey = importKey(key);
  if (sealed.length < HEADER_SIZE + TAG_SIZE || sealed[0] !== VERSION) return undefined;
  const tagStart = sealed.length - TAG_SIZE;
  const decipher = createDecipheriv('aes-256-gcm', cipherKey, sealed.subarray(1, HEADER_SIZE), {
    authTagLength: TAG_SIZE,
  });
  decipher.setAAD(associatedData(context));
  decipher.setAuthTag(sealed.subarray(tagStart));
  const plaintext = decipher.update(sealed.subarray(HEADER_SIZE, tagStart));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(plaintext);
}

/**
 * A key for one purpose (HKDF-SHA-256).
 * @param secret at least 16 bytes that nobody can guess: a master key or a token string, never a password
 * @returns 32 bytes; different purposes give unrelated keys
 * @throws RangeError when the secret is too short or the purpose is empty
 */
export function deriveKey(secret: Uint8Array | string, purpose: string): Uint8Array {
  if (Buffer.byteLength(secret) < MINIMUM_SECRET_SIZE) throw new RangeError('the secret is too short');
  if (purpose === '') throw new RangeError('a purpose is needed');
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, KEY_SIZE));
}

/** As `deriveKey`, of each key. */
export function deriveKeys(secret: SealingKey, purpose: string): SealingKey {
  return secret instanceof Uint8Array
    ? deriveKey(secret, purpose)
    : secret.map((one) => deriveKey(one, purpose));
}

/** The one that seals. @throws RangeError where there is none */
export function firstOf(key: SealingKey): Uint8Array {
  const first = key instanceof Uint8Array ? key : key[0];
  if (first === undefined) throw new RangeError('a key is needed');
  return first;
}

/**
 * A key that whoever holds a token string can derive, and nobody else; several times cheaper than `deriveKey`, because
 * 256 random bits need no extraction first (NIST SP 800-56C, one-step derivation with SHA-256).
 * @param token a token string: everything in it that is secret is random
 * @returns 32 bytes; different purposes give unrelated keys, and none has to do with the token's own hash
 * @throws RangeError when the token is too short or the purpose is empty
 */
export function deriveTokenKey(token: string, purpose: string): Uint8Array {
  if (token.length < MINIMUM_TOKEN_LENGTH) throw new RangeError('the token is too short');
  if (purpose === '') throw new RangeError('a purpose is needed');
  return hashTokenString(`${FIRST_BLOCK}${token}${purpose}`);
}

function associatedData(context: string): Uint8Array {
  return Buffer.from(`tessera sealed box ${VERSION}\0${context}`, 'utf8');
}

/** A cipher is made several times faster from a KeyObject than from the bytes themselves (Node 24). */
function importKey(key: Uint8Array): KeyObject {
  if (key.length !== KEY_SIZE) throw new RangeError('the key must have 32 bytes');
  return createSecretKey(key);
}
