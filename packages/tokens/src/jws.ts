/**
 * JSON Web Signature, compact form: taking it apart, and checking it against one key.
 * Keys come from the caller only: `jwk`, `jku`, `x5c` and `x5u` in a header are never looked at.
 * @spec RFC 7515 §4, §5.2, §7.1; RFC 8725 §3.1, §3.2
 */
import { decodeBase64url } from './base64url.ts';
import { parseJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import type { VerificationKey } from './jwk.ts';
import { verifyBytes, verifyBytesElsewhere } from './jws-algorithm.ts';
import { JwtError } from './jwt-error.ts';

const MAXIMUM_LENGTH = 16 * 1024;

export interface CompactJws {
  readonly header: JsonObject;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** What is signed: header and payload as they were sent. */
  readonly signingInput: Uint8Array;
}

/** The parts of a token, with its header still as it was sent. */
export interface JwsParts extends Omit<CompactJws, 'header'> {
  readonly encodedHeader: string;
}

/** Takes a token apart; nothing in it is proven yet. @param maximumLength in characters @throws JwtError */
export function decodeJws(token: string, maximumLength?: number): CompactJws {
  const { encodedHeader, ...parts } = splitJws(token, maximumLength);
  return { header: decodeJwsHeader(encodedHeader), ...parts };
}

/** @throws JwtError */
export function decodeJwsHeader(encodedHeader: string): JsonObject {
  const header = decodeBase64url(encodedHeader);
  if (header === undefined) throw new JwtError('malformed_base64url');
  return parseJsonObject(header, 'malformed_header');
}

/** As `decodeJws`, for whoever may know the header by its text. @throws JwtError */
export function splitJws(token: string, maximumLength: number = MAXIMUM_LENGTH): JwsParts {
  if (token.length > maximumLength) throw new JwtError('too_large');
  const firstDot = token.indexOf('.');
  const secondDot = token.indexOf('.', firstDot + 1);
  if (firstDot === -1 || secondDot === -1 || token.includes('.', secondDot + 1)) {
    throw new JwtError('not_three_parts');
  }
  const payload = decodeBase64url(token.slice(firstDot + 1, secondDot));
  const signature = decodeBase64url(token.slice(secondDot + 1));
  if (payload === undefined || signature === undefined) throw new JwtError('malformed_base64url');
  return {
    encodedHeader: token.slice(0, firstDot),
    payload,
    signature,
    signingInput: Buffer.from(token.slice(0, secondDot), 'latin1'),
  };
}

/**
 * The rules that need no key.
 * @param algs what the caller accepts
 * @returns the algorithm and the key's name
 * @throws JwtError
 */
export function validateJwsHeader(
  header: JsonObject,
  algs: readonly string[],
): { alg: string; kid: string | undefined } {
  const { alg, kid } = header;
  if (typeof alg !== 'string') throw new JwtError('malformed_header');
  if (alg.trim().toLowerCase() === 'none') throw new JwtError('alg_none');
  if (!algs.includes(alg) || !CHECKABLE_ALGS.has(alg)) throw new JwtError('alg_not_allowed');
  if (Object.hasOwn(header, 'crit')) throw new JwtError('crit_unsupported');
  if (Object.hasOwn(header, 'b64')) throw new JwtError('b64_unsupported');
  if (kid !== undefined && typeof kid !== 'string') throw new JwtError('malformed_header');
  return { alg, kid };
}

/**
 * Checks the signature.
 * @param alg what the header names
 * @param found what the caller found for the header's `kid` and `alg`
 * @throws JwtError
 */
export function verifyJws(jws: SignedParts, alg: string, found: VerificationKey | undefined): void {
  const key = fittingKey(jws, alg, found);
  if (!verifyBytes(key.alg, key.publicKey, jws.signingInput, jws.signature)) {
    throw new JwtError('bad_signature');
  }
}

/** As `verifyJws`, on another thread: slower for one token, and the caller's thread is free for others meanwhile. */
export async function verifyJwsElsewhere(
  jws: SignedParts,
  alg: string,
  found: VerificationKey | undefined,
): Promise<void> {
  const key = fittingKey(jws, alg, found);
  if (!(await verifyBytesElsewhere(key.alg, key.publicKey, jws.signingInput, jws.signature))) {
    throw new JwtError('bad_signature');
  }
}

type SignedParts = Pick<CompactJws, 'signature' | 'signingInput'>;

function fittingKey(
  { signature }: SignedParts,
  alg: string,
  key: VerificationKey | undefined,
): VerificationKey {
  if (key === undefined) throw new JwtError('unknown_key');
  if (key.alg !== alg) throw new JwtError('key_mismatch');
  if (signature.length !== key.signatureLength) throw new JwtError('bad_signature_length');
  return key;
}

/** Whatever a caller lists, nothing else is ever checked: no `none`, no HS*. */
const CHECKABLE_ALGS: ReadonlySet<string> = new Set<VerificationKey['alg']>([
  'ES256',
  'RS256',
  'PS256',
  'EdDSA',
]);
