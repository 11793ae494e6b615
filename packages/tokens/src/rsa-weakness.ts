/**
 * RSA public keys that must not be trusted: too short, a dangerous exponent, or made by a broken generator.
 * @spec RFC 7518 §3.3, §6.3.1; NIST SP 800-56B §6.2
 */

const MINIMUM_MODULUS_BITS = 2048;
/** Checking a signature gets slow beyond this; nobody needs it. */
const MAXIMUM_MODULUS_BYTES = 1024;
const MINIMUM_EXPONENT = 65_537;

/** The primes of the ROCA fingerprint (CVE-2017-15361). */
const FINGERPRINT_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
] as const;

/** @param modulus and @param exponent big-endian, without leading zero bytes (RFC 7518 §2, Base64urlUInt) */
export function isWeakRsaKey(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const lead = modulus[0];
  if (lead === undefined || lead === 0 || modulus.length > MAXIMUM_MODULUS_BYTES) return true;
  const bits = modulus.length * 8 - Math.clz32(lead) + 24;
  if (bits < MINIMUM_MODULUS_BITS || ((modulus.at(-1) ?? 0) & 1) === 0) return true;
  return isWeakExponent(exponent) || hasRocaFingerprint(modulus);
}

function isWeakExponent(exponent: Uint8Array): boolean {
  if (exponent.length === 0 || exponent.length > 4 || exponent[0] === 0) return true;
  const value = exponent.reduce((sum, byte) => sum * 256 + byte, 0);
  return value < MINIMUM_EXPONENT || value % 2 === 0;
}

/** Keys of the broken generator are, modulo every small prime, a power of 65537; others are so by rare chance. */
function hasRocaFingerprint(modulus: Uint8Array): boolean {
  return FINGERPRINT_PRIMES.every((prime) => {
    const residue = modulus.reduce((sum, byte) => (sum * 256 + byte) % prime, 0);
    let power = 1;
    do {
      if (power === residue) return true;
      power = (power * MINIMUM_EXPONENT) % prime;
    } while (power !== 1);
    return false;
  });
}
