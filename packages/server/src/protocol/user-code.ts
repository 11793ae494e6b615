/**
 * The code a person types: eight consonants, so that no word comes of it, 34 bit; kept as a keyed hash only.
 * @spec RFC 8628 §5.1 and §6.1
 */
import { createHmac } from 'node:crypto';
import { deriveKey, type Random, type SealingKey, firstOf } from '@tessera/tokens';

const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

export interface UserCodes {
  /** A new code as people see it: `XXXX-XXXX`. */
  draw(): string;
  /** @param code in its normal form */
  hash(code: string): Uint8Array;
}

/** @param masterKey what the key of the hash is derived from; without it all codes could be tried offline */
export function createUserCodes(masterKey: SealingKey, random: Random): UserCodes {
  const key = deriveKey(firstOf(masterKey), 'user-code');
  return {
    draw: () => drawUserCode(random),
    hash: (code) => createHmac('sha256', key).update(code).digest(),
  };
}

/** Whatever a person typed in the form `XXXX-XXXX`, or undefined: case, spaces and dashes do not matter. */
export function normalizeUserCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined;
  const letters = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  if (letters.length !== LENGTH || letters.split('').some((letter) => !ALPHABET.includes(letter)))
    return undefined;
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

function drawUserCode(random: Random): string {
  let code = '';
  while (code.length < LENGTH + 1) {
    for (const byte of random(16)) {
      // 20 of 32 values are kept, each as likely as the others.
      const letter = ALPHABET[byte & 31];
      if (letter === undefined) continue;
      if (code.length === LENGTH / 2) code += '-';
      code += letter;
      if (code.length === LENGTH + 1) break;
    }
  }
  return code;
}
