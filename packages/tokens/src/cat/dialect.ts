/**
 * Dialects in the field that look like Common Access Tokens and are none. Knowing which one a token is of tells its
 * owner what to change; it is never taken.
 */
import { CborError, CborTag, decodeCbor, isCborMap } from '../cbor/index.ts';
import type { CborKey, CborValue } from '../cbor/index.ts';
import { isList, isMap } from './read-value.ts';

export const catDialects = {
  'hex-payload': 'The payload is a text of hexadecimal digits, as early versions of @eyevinn/cat wrote it',
  'tag-259': 'Maps carry tag 259, as a CBOR library writes them for JavaScript',
  'draft-labels': 'Claims have the labels of drafts: catu 270, catif 277, catr 278',
  'aws-labels': 'Claims have the labels of an AWS sample: catu 401, catnip 402, catm 403, catr 404',
  'c4m-compact': 'Three parts with dots between them, as early C4M drafts had it; not COSE',
  'standard-base64': 'The alphabet of base64 instead of that of base64url',
  jwt: 'A JSON Web Token',
} as const;

export type CatDialect = keyof typeof catDialects;

const LENIENT = { shortest: false, floats: 'any', listKeys: true } as const;
const MAP_TAG = 259;
const DRAFT_LABELS: ReadonlySet<CborKey> = new Set([270, 277, 278]);
const AWS_LABELS: ReadonlySet<CborKey> = new Set([401, 402, 403, 404]);

/** @returns which dialect the token is of, if it is one that is known; nothing about it is proven */
export function recognizeDialect(token: string): CatDialect | undefined {
  const parts = token.split('.');
  if (parts.length === 3) return recognizeParts(parts[0] ?? '');
  if (!/^[\w+/=-]+$/.test(token)) return undefined;
  const message = untagged(read(Buffer.from(token, 'base64url')));
  if (!isList(message) || message.length !== 4) return undefined;
  return recognizePayload(message[2]) ?? (/[+/]/.test(token) ? 'standard-base64' : undefined);
}

function recognizeParts(first: string): CatDialect | undefined {
  const header = Buffer.from(first, 'base64url');
  if (header[0] === 0x7b) return 'jwt';
  const value = read(header);
  return value !== undefined && isCborMap(value) ? 'c4m-compact' : undefined;
}

function recognizePayload(payload: CborValue): CatDialect | undefined {
  if (typeof payload === 'string') return /^[0-9a-f]+$/i.test(payload) ? 'hex-payload' : undefined;
  if (!(payload instanceof Uint8Array)) return undefined;
  const claims = read(payload);
  if (holdsMapTag(claims)) return 'tag-259';
  if (!isMap(claims)) return undefined;
  for (const label of claims.keys()) {
    if (DRAFT_LABELS.has(label)) return 'draft-labels';
    if (AWS_LABELS.has(label)) return 'aws-labels';
  }
  return undefined;
}

function holdsMapTag(value: CborValue): boolean {
  if (value instanceof CborTag) return value.tag === MAP_TAG || holdsMapTag(value.value);
  if (isMap(value)) return [...value.values()].some(holdsMapTag);
  return isList(value) && value.some(holdsMapTag);
}

function untagged(value: CborValue): CborValue {
  return value instanceof CborTag ? untagged(value.value) : value;
}

function read(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, LENIENT);
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}
