/**
 * base64url without padding, strict: one spelling for each value.
 * @spec RFC 4648 §5, §3.5; RFC 7515 §2
 */

/** @returns the text form, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/**
 * @returns the bytes, or undefined for any text that `encodeBase64url` would not have written:
 * padding, the `+/` alphabet, white space, an impossible length, or stray bits in the last character.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder forgives; writing the bytes again and comparing does not.
  return bytes.toString('base64url') === text ? bytes : undefined;
}
