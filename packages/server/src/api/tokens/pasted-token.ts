/** A token that somebody holds and asks about. It comes in a body, and goes nowhere. */
import { decodeJwt, hashTokenString, parseTokenString } from '@tessera/tokens';
import type { CatTokens } from '../../protocol/cat-tokens.ts';
import { Type } from '../../schema/type.ts';

export const TokenText = Type.String({
  minLength: 1,
  maxLength: 16_384,
  writeOnly: true,
  description: 'An opaque token, a JWT, a CWT or a CAT',
});

/**
 * A row is found by the hash of an opaque string, or of the `jti` of a JWT, CWT or CAT; nothing is proven by that.
 * @returns undefined for what is no access token
 */
export async function idOfToken(
  token: string,
  catTokens: Pick<CatTokens, 'jtiOf'>,
): Promise<Uint8Array | undefined> {
  const opaque = parseTokenString(token);
  if (opaque?.kind === 'at') return hashTokenString(token);
  const jti = opaque === undefined ? await jtiOf(token, catTokens) : undefined;
  return typeof jti === 'string' ? hashTokenString(jti) : undefined;
}

async function jtiOf(token: string, catTokens: Pick<CatTokens, 'jtiOf'>): Promise<unknown> {
  if (token.includes('.')) return decodeJwt(token)?.payload['jti'];
  // Loaded when it is needed: most servers never see a CWT or a CAT.
  const { decodeCwt } = await import('@tessera/tokens/cwt');
  return decodeCwt(token)?.payload['jti'] ?? catTokens.jtiOf(token);
}
