/**
 * What a token of any format says of itself: for showing it, never for trusting it.
 * @spec RFC 7519 §3; RFC 8392 §3; CTA-5007-B §4.3
 */
import { diagnostic } from '../cbor/index.ts';
import type { CborMap, CborValue } from '../cbor/index.ts';
import { CatError, catClaimsToJson, decodeCat } from '../cat/index.ts';
import { catClaims } from '../cat/claims/index.ts';
import { CAT_TYPE } from '../cat/cat-keys.ts';
import { coseAlgNumbers } from '../cose/index.ts';
import type { CoseMessage } from '../cose/index.ts';
import { CoseError, decodeClaims } from '../cwt/index.ts';
import type { JsonObject } from '../json-object.ts';
import { decodeJwt } from '../jwt.ts';
import { parseTokenString } from '../token-string.ts';
import type { TokenKind } from '../token-string.ts';

export interface ReadJwt {
  readonly format: 'jwt';
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** Claims under the names that they have in a JWT; those without one by their number. */
export interface ReadCose {
  readonly format: 'cwt' | 'cat';
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** The whole token in the notation for people (RFC 8949 §8), its payload read. */
  readonly diagnostic: string;
  readonly message: CoseMessage;
}

export type ReadToken = { readonly format: 'opaque'; readonly kind: TokenKind } | ReadJwt | ReadCose;

/** @returns undefined for what is no token, or has been mistyped */
export function readToken(token: string): ReadToken | undefined {
  const opaque = parseTokenString(token);
  if (opaque !== undefined) return { format: 'opaque', kind: opaque.kind };
  if (token.includes('.')) {
    const jwt = decodeJwt(token);
    return jwt === undefined ? undefined : { format: 'jwt', header: jwt.header, claims: jwt.payload };
  }
  return readCose(token);
}

function readCose(token: string): ReadCose | undefined {
  try {
    // Both are CWTs on the outside; what is inside tells them apart.
    const { message, claims } = decodeCat(token);
    const format = isCat(message, claims) ? 'cat' : 'cwt';
    return {
      format,
      header: headerOf(message),
      claims: format === 'cat' ? catClaimsToJson(claims) : cwtClaims(message, claims),
      diagnostic: diagnosticOf(message, claims),
      message,
    };
  } catch (error) {
    if (error instanceof CatError) return undefined;
    throw error;
  }
}

/** Registered for all CWTs; the others are for Common Access Tokens alone. */
const LAST_COMMON_LABEL = 9;

function isCat({ typ, type }: CoseMessage, claims: CborMap): boolean {
  if (typeof typ === 'string' && typ.toLowerCase().startsWith('application/')) return false;
  if (typ === CAT_TYPE || type === 'mac0') return true;
  return catClaims.some(
    ({ label }) => typeof label === 'number' && label > LAST_COMMON_LABEL && claims.has(label),
  );
}

function cwtClaims(message: CoseMessage, claims: CborMap): JsonObject {
  const unnamed = [...claims].filter(([label]) => typeof label === 'number' && label > LAST_COMMON_LABEL);
  try {
    const others = unnamed.map(([label, value]) => [String(label), diagnostic(value)]);
    return { ...Object.fromEntries(others), ...decodeClaims(message.payload) };
  } catch (error) {
    if (error instanceof CoseError) return catClaimsToJson(claims);
    throw error;
  }
}

function headerOf({ type, typ, alg, kid }: CoseMessage): JsonObject {
  const name = Object.entries(coseAlgNumbers).find(([, number]) => number === alg)?.[0] ?? alg;
  return {
    ...(name === undefined ? {} : { alg: name }),
    ...(kid === undefined ? {} : { kid: kidText(kid) }),
    ...(typ === undefined ? {} : { typ }),
    ...(type === undefined ? {} : { message: type === 'mac0' ? 'COSE_Mac0' : 'COSE_Sign1' }),
  };
}

function kidText(kid: Uint8Array): string {
  const bytes = Buffer.from(kid);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) && /^[\x20-\x7e]+$/.test(text)
    ? text
    : `h'${bytes.toString('hex')}'`;
}

function diagnosticOf(
  { protectedHeader, unprotectedHeader, signature }: CoseMessage,
  claims: CborMap,
): string {
  const parts: readonly CborValue[] = [protectedHeader, unprotectedHeader, claims, signature];
  return diagnostic(parts);
}
