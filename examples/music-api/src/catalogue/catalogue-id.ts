import { hash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 22;

/** The form of every id of this API: 22 characters of base62, room for 128 bits. */
export const ID_PATTERN = /^[0-9A-Za-z]{22}$/;

/**
 * The id of an object of the catalogue: the first 128 bits of SHA-256("<kind>/<key>") as a number in base62, padded to 22.
 * The same catalogue therefore has the same ids on every machine, without a table of ids.
 */
export function catalogueId(kind: string, key: string): string {
  let number = BigInt(`0x${hash('sha256', `${kind}/${key}`).slice(0, 32)}`);
  let id = '';
  while (id.length < LENGTH) {
    id = ALPHABET.charAt(Number(number % 62n)) + id;
    number /= 62n;
  }
  return id;
}
