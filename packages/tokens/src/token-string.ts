/**
 * Token strings: `tsr_<kind>_`, 43 random base62 characters (256 bit), CRC-32 in 6 more.
 * The prefix lets a scanner find a leaked token, the checksum lets anybody discard a mistyped one offline.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from './random.ts';

/**
 * access, refresh, authorization code, personal access, client token, client secret, device code,
 * request URI, registration access, session, initial access, mail link.
 */
export type TokenKind = 'at' | 'rt' | 'ac' | 'pat' | 'ct' | 'cs' | 'dc' | 'ru' | 'rat' | 'se' | 'ia' | 'ml';

export const tokenKinds: readonly TokenKind[] = [
  'at',
  'rt',
  'ac',
  'pat',
  'ct',
  'cs',
  'dc',
  'ru',
  'rat',
  'se',
  'ia',
  'ml',
];

const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const TAIL_LENGTH = SECRET_LENGTH + CHECKSUM_LENGTH;
/** Three in a hundred draws are thrown away; the surplus makes a second call to `random` very rare. */
const DRAW_SIZE = 56;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHARACTER_CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const IS_BASE62 = new Uint8Array(128);
for (const code of CHARACTER_CODES) IS_BASE62[code] = 1;

const KIND_BY_NAME: ReadonlyMap<string, TokenKind> = new Map(tokenKinds.map((kind) => [kind, kind]));

/** Finds token strings in any text; what it finds may still have a wrong checksum. */
export const tokenStringPattern = `tsr_(?:${tokenKinds.join('|')})_[0-9A-Za-z]{${TAIL_LENGTH}}`;

/** @returns a new token string of this kind, with 256 bit taken from `random`. */
export function createTokenString(kind: TokenKind, random: Random): string {
  const prefix = `tsr_${kind}_`;
  const characters = Buffer.allocUnsafe(prefix.length + TAIL_LENGTH);
  const secretStart = characters.write(prefix, 0, 'latin1');
  const secretEnd = secretStart + SECRET_LENGTH;
  let position = secretStart;
  while (position < secretEnd) {
    for (const byte of random(DRAW_SIZE)) {
      // 64 of 256 values map to each slot evenly; slots 62 and 63 are drawn again, so there is no bias.
      const code = CHARACTER_CODES[byte & 63];
      if (code === undefined) continue;
      characters[position++] = code;
      if (position === secretEnd) break;
    }
  }
  let checksum = crc32(characters.subarray(0, secretEnd));
  for (let index = secretEnd + CHECKSUM_LENGTH - 1; index >= secretEnd; index--) {
    characters[index] = CHARACTER_CODES[checksum % 62] ?? 0;
    checksum = Math.floor(checksum / 62);
  }
  return characters.toString('latin1');
}

/**
 * Says what a string claims to be, without asking anybody: prefix, alphabet, length and checksum hold.
 * It says nothing about whether the token was ever issued.
 */
export function parseTokenString(value: string): { kind: TokenKind } | undefined {
  if (typeof value !== 'string' || !value.startsWith('tsr_')) return undefined;
  const secretStart = value.indexOf('_', 4) + 1;
  if (secretStart === 0 || value.length !== secretStart + TAIL_LENGTH) return undefined;
  const kind = KIND_BY_NAME.get(value.slice(4, secretStart - 1));
  if (kind === undefined) return undefined;
  for (let index = secretStart; index < value.length; index++) {
    if (IS_BASE62[value.charCodeAt(index)] !== 1) return undefined;
  }
  const secretEnd = secretStart + SECRET_LENGTH;
  let checksum = crc32(value.slice(0, secretEnd));
  for (let index = value.length - 1; index >= secretEnd; index--) {
    if (value.charCodeAt(index) !== CHARACTER_CODES[checksum % 62]) return undefined;
    checksum = Math.floor(checksum / 62);
  }
  return { kind };
}

/** @returns the SHA-256 of the string, 32 bytes: the only form in which a token is stored. */
export function hashTokenString(value: string): Uint8Array {
  // Twice as fast as a hash that is given as bytes at once: those get memory of their own (Node 24).
  return Buffer.from(hash('sha256', value, 'binary'), 'binary');
}
