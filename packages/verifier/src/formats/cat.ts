/**
 * Common Access Tokens, told by their first bytes. The rest is loaded when the first one arrives.
 * @spec CTA-5007-B §4.3; RFC 9052 §4.2, §6.2
 */
import { isHeaders } from '../bearer.ts';
import { loadedWhenSeen } from './token-format.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** The text of the tags 61, 17 and 18, each of which may be left out, before an array of four. */
const BEGINNINGS = ['2D3R', '2D3S', '2D2E', '0YR', '0oR', 'hE', 'hF'] as const;

export function createCatFormat(parts: FormatParts): TokenFormat {
  const format = loadedWhenSeen(looksLikeCat, () => load(parts));
  const carriers = parts.options.cat?.carriers;
  if (carriers === undefined) return format;
  return {
    ...format,
    async find(request) {
      const { findCats } = await import('@tessera/tokens/cat');
      const { url = '', headers } = request;
      const carried = findCats({ url, headers: isHeaders(headers) ? headers : { ...headers } }, carriers);
      return carried.map(({ token }) => token);
    },
  };
}

async function load(parts: FormatParts): Promise<Pick<TokenFormat, 'verify'>> {
  const { createCatVerification } = await import('./cat-verification.ts');
  return createCatVerification(parts);
}

function looksLikeCat(token: string): boolean {
  return BEGINNINGS.some((beginning) => token.startsWith(beginning));
}
