/**
 * Half-precision numbers: five bits of exponent, ten of fraction.
 * @spec RFC 8949 §3.3, appendix D; IEEE 754 binary16
 */

/** @param bits 16 of them */
export function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (fraction + 0x400) * 2 ** (exponent - 25);
}

/** @returns the 16 bits, or undefined when the number does not fit into them without loss. */
export function toHalf(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  if (size === Infinity) return sign | 0x7c00;
  if (size > LARGEST_HALF) return undefined;
  // Below the smallest normal number the exponent stays, and the fraction counts in steps of 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = size / 2 ** (exponent - 10);
  if (!Number.isInteger(steps)) return undefined;
  return sign | ((exponent + 14) * 0x400 + steps);
}

const LARGEST_HALF = 65_504;
