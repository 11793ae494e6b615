/**
 * ECDSA P-256 signatures, between the DER that OpenSSL speaks and the r‖s of 64 bytes that JOSE speaks.
 * By hand because Node's own conversion (`ieee-p1363`) costs more than the signature itself.
 * @spec RFC 7518 §3.4; RFC 3279 §2.2.3; ITU-T X.690 §8.3, §10.1
 */

const SCALAR_SIZE = 32;
const RAW_SIZE = 2 * SCALAR_SIZE;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * @param der `SEQUENCE { INTEGER r, INTEGER s }`, as a signer writes it
 * @returns r‖s, 64 bytes; undefined for anything that is not strict DER of two numbers from 1 to 2²⁵⁶−1
 */
export function derToRaw(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || der.length > 72) return undefined;
  const raw = new Uint8Array(RAW_SIZE);
  const middle = readInteger(der, 2, raw, SCALAR_SIZE);
  if (middle === undefined) return undefined;
  return readInteger(der, middle, raw, RAW_SIZE) === der.length ? raw : undefined;
}

/** Copies the integer at `start` so that it ends at `rawEnd`. @returns where it ends in `der`. */
function readInteger(der: Uint8Array, start: number, raw: Uint8Array, rawEnd: number): number | undefined {
  const length = der[start + 1];
  if (der[start] !== INTEGER || length === undefined || length === 0) return undefined;
  let first = start + 2;
  const end = first + length;
  const lead = der[first];
  if (end > der.length || lead === undefined || lead > 0x7f) return undefined; // cut short, or negative
  if (lead === 0) {
    // A zero byte is written only to keep the next one from looking like a sign; so zero itself ends here too.
    if (length === 1 || (der[first + 1] ?? 0) < 0x80) return undefined;
    first++;
  }
  if (end - first > SCALAR_SIZE) return undefined;
  raw.set(der.subarray(first, end), rawEnd - (end - first));
  return end;
}

/**
 * @param raw r‖s, 64 bytes
 * @returns the DER form; undefined when the length is another one, or r or s is zero
 */
export function rawToDer(raw: Uint8Array): Uint8Array | undefined {
  if (raw.length !== RAW_SIZE) return undefined;
  const r = firstNonZero(raw, 0, SCALAR_SIZE);
  const s = firstNonZero(raw, SCALAR_SIZE, RAW_SIZE);
  if (r === SCALAR_SIZE || s === RAW_SIZE) return undefined;
  const rLength = SCALAR_SIZE - r + signByte(raw, r);
  const sLength = RAW_SIZE - s + signByte(raw, s);
  // From Node's pool, because an array of more than 64 bytes is costly to make; so each byte has to be written.
  const der = Buffer.allocUnsafe(6 + rLength + sLength);
  der[0] = SEQUENCE;
  der[1] = 4 + rLength + sLength;
  der[2] = INTEGER;
  der[3] = rLength;
  der[4] = 0; // stays where the number needs it
  copy(raw, r, SCALAR_SIZE, der, 4 + rLength);
  der[4 + rLength] = INTEGER;
  der[5 + rLength] = sLength;
  der[6 + rLength] = 0;
  copy(raw, s, RAW_SIZE, der, 6 + rLength + sLength);
  return der;
}

/** Byte by byte: for so few of them a view and a call cost more. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, toEnd: number): void {
  const shift = toEnd - end;
  for (let index = start; index < end; index++) to[index + shift] = from[index] ?? 0;
}

function firstNonZero(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && bytes[index] === 0) index++;
  return index;
}

/** One more byte where the number would otherwise read as negative. */
function signByte(bytes: Uint8Array, index: number): 0 | 1 {
  return (bytes[index] ?? 0) > 0x7f ? 1 : 0;
}
