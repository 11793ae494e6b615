/** A token that somebody holds and asks about. It comes in a body, and goes nowhere. */
import { decodeJwt, hashTokenString, parseTokenString } from '@tessera/tokens';
import { Type } from '../../schema/type.ts';

export const TokenText = Type.String({
  minLength: 1,
  maxLength: 16_384,
  writeOnly: true,
  description: 'An opaque token, a JWT or a CWT',
});

/**
 * A row is found by the hash of an opaque string, or of the `jti` of a JWT or CWT; nothing is proven by that.
 * @returns undefined for what is no access token
 */
export async function idOfToken(token: string): Promise<Uint8Array | undefined> {
  const opaque = parseTokenString(token);
  if (opaque?.kind === 'at') return hashTokenString(token);
  const jti = opaque === undefined ? await jtiOf(token) : undefined;
  return typeof jti === 'string' ? hashTokenString(jti) : undefined;
}

async function jtiOf(token: string): Promise<unknown> {
  if (token.includes('.')) return decodeJwt(token)?.payload['jti'];
  // Loaded when it is needed: most servers never see a CWT.
  const { decodeCwt } = await import('@tessera/tokens/cwt');
  return decodeCwt(token)?.payload['jti'];
}
