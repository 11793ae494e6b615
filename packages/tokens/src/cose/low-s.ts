/**
 * The one of two: with (r, s), an ECDSA signature (r, n−s) holds as well. Some verifiers take only the smaller s,
 * so that a signature cannot be turned into another one; we write that, and read both.
 * @spec FIPS 186-5 §6.4; SEC 1 §4.1.3
 */

const SCALAR_SIZE = 32;
/** The order n of P-256, and half of it. */
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const HALF = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex');

/** @param raw r‖s of P-256, 64 bytes; changed in place @returns the same bytes */
export function toLowS(raw: Uint8Array): Uint8Array {
  if (Buffer.compare(raw.subarray(SCALAR_SIZE), HALF) <= 0) return raw;
  let borrow = 0;
  for (let index = SCALAR_SIZE - 1; index >= 0; index--) {
    const difference = (ORDER[index] ?? 0) - (raw[SCALAR_SIZE + index] ?? 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    raw[SCALAR_SIZE + index] = difference & 0xff;
  }
  return raw;
}
