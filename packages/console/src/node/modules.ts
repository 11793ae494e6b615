/**
 * What the code of `@tessera/tokens` uses of Node when it reads a token, for a browser. Keys are the browser's own
 * affair (verify-signature.ts): whatever would need one here says so.
 */
export { isIPv4, isIPv6 } from './ip-addresses.ts';

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (ISO-HDLC), as in node:zlib. */
export function crc32(data: string | Uint8Array): number {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function notHere(): never {
  throw new Error('This needs a key, and keys are not used here');
}

export const constants = {};
export const promisify = (): typeof notHere => notHere;
export {
  notHere as createCipheriv,
  notHere as createDecipheriv,
  notHere as createHmac,
  notHere as createPrivateKey,
  notHere as createPublicKey,
  notHere as createSecretKey,
  notHere as deflateSync,
  notHere as ECDH,
  notHere as generateKeyPair,
  notHere as hash,
  notHere as hkdfSync,
  notHere as inflateSync,
  notHere as sign,
  notHere as timingSafeEqual,
  notHere as verify,
};
