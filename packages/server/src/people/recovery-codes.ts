/**
 * Recovery codes: for a person who has lost their second factor. Eighty random bits each, so that a hash is enough to
 * keep them by. @spec NIST SP 800-63B-4 §3.1.2 (look-up secrets)
 */
import { hash } from 'node:crypto';
import type { Random } from '../ports/random.ts';

const AMOUNT = 10;
const LENGTH = 16;
/** Digits and letters that are not taken for one another. Thirty-two of them, so a random byte gives each as often. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Codes as their owner is shown them, once. */
export function newRecoveryCodes(random: Random): readonly string[] {
  return Array.from({ length: AMOUNT }, () => {
    const letters = Array.from(random(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
    return (letters.match(/.{4}/g) ?? []).join('-');
  });
}

/** What a code is kept as. Bound to its owner: nobody else's is found by it. */
export function hashRecoveryCode(userId: string, code: string): Uint8Array {
  return hash('sha256', `recovery-code\n${userId}\n${code}`, 'buffer');
}

/** A code as it was shown, from what was typed; undefined when it cannot be one. */
export function readRecoveryCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{16}$/.test(letters)) return undefined;
  return (letters.match(/.{4}/g) ?? []).join('-');
}
