/**
 * The bytes that a signature or tag is made over: Sig_structure and MAC_structure.
 * @spec RFC 9052 §4.4, §6.3
 */
import { writeHead } from '../cbor/encode.ts';
import { isMacAlg } from './algorithm.ts';
import type { CoseAlg } from './algorithm.ts';

const NONE = new Uint8Array();
/** An array of four, and its first item. */
const SIGNATURE_START = Buffer.from('\x84\x6aSignature1', 'latin1');
const MAC_START = Buffer.from('\x84\x64MAC0', 'latin1');
/** The most that a head can have. */
const HEAD_SIZE = 9;

/** @param protectedBytes the protected header as it was sent, or nothing where it has no parameter */
export function toBeSigned(
  alg: CoseAlg,
  protectedBytes: Uint8Array,
  payload: Uint8Array,
  externalAad: Uint8Array = NONE,
): Uint8Array {
  const start = isMacAlg(alg) ? MAC_START : SIGNATURE_START;
  const size = start.length + protectedBytes.length + externalAad.length + payload.length + 3 * HEAD_SIZE;
  const bytes = Buffer.allocUnsafe(size);
  bytes.set(start);
  let end = writeByteString(bytes, start.length, protectedBytes);
  end = writeByteString(bytes, end, externalAad);
  end = writeByteString(bytes, end, payload);
  return bytes.subarray(0, end);
}

/** @returns where the next byte goes. */
export function writeByteString(bytes: Buffer, start: number, content: Uint8Array): number {
  const contentStart = writeHead(bytes, start, 2, content.length);
  bytes.set(content, contentStart);
  return contentStart + content.length;
}
