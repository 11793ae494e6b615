/**
 * CWT access tokens, told by their first bytes and the type in their protected header. The rest is loaded when the
 * first one arrives.
 * @spec RFC 8392 §6; RFC 9052 §4.2
 */
import { loadedWhenSeen } from './token-format.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** The text of the tags 61 and 18; that of 18 alone, and an array of four. */
const BEGINNINGS = ['2D3S', '0oR'] as const;
/** Enough text for the tags and a protected header, which names the type and the key. */
const HEADER_LENGTH = 512;
const TYP = 'application/at+cwt';

export function createCwtFormat(parts: FormatParts): TokenFormat {
  return loadedWhenSeen(looksLikeCwtAccessToken, async () => {
    const { createCwtVerification } = await import('./cwt-verification.ts');
    return createCwtVerification(parts);
  });
}

/** Other tokens begin like this too, such as Common Access Tokens; what the header says is checked later. */
function looksLikeCwtAccessToken(token: string): boolean {
  if (!BEGINNINGS.some((beginning) => token.startsWith(beginning))) return false;
  const bytes = Buffer.from(token.slice(0, HEADER_LENGTH), 'base64url');
  return protectedHeaderOf(bytes).toLowerCase().includes(TYP);
}

/** The byte string after the tags and the head of the array. */
function protectedHeaderOf(bytes: Buffer): string {
  const start = bytes[0] === 0xd8 ? 4 : 2;
  const head = bytes[start] ?? 0;
  if (head === 0x58) return bytes.toString('latin1', start + 2, start + 2 + (bytes[start + 1] ?? 0));
  return head >= 0x40 && head < 0x58 ? bytes.toString('latin1', start + 1, start + 1 + head - 0x40) : '';
}
