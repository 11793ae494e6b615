/**
 * The claims of a CWT, under the names that they have in a JWT: registered ones have an integer in place of a name,
 * `jti` is bytes, and the thumbprints in `cnf` are.
 * @spec RFC 8392 §3, §4; RFC 8747 §3.1; RFC 9200 §5.10.2; RFC 8725 §2.4
 */
import { decodeBase64url, encodeBase64url } from '../base64url.ts';
import { CborError } from '../cbor/cbor-error.ts';
import { decodeCbor } from '../cbor/decode.ts';
import { encodeCbor } from '../cbor/encode.ts';
import { CborTag, isCborMap } from '../cbor/value.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/value.ts';
import { CoseError } from '../cose/cose-error.ts';
import { isJsonObject } from '../json-object.ts';
import type { JsonObject } from '../json-object.ts';

/** The IANA registry "CBOR Web Token (CWT) Claims"; every other claim of ours goes by its name. */
const LABELS: ReadonlyMap<string, number> = new Map([
  ['iss', 1],
  ['sub', 2],
  ['aud', 3],
  ['exp', 4],
  ['nbf', 5],
  ['iat', 6],
  ['jti', 7],
  ['cnf', 8],
  ['scope', 9],
  ['status', 65_535],
]);
const NAMES: ReadonlyMap<CborKey, string> = new Map([...LABELS].map(([name, label]) => [label, name]));
/** The thumbprint of a key among the CWT Confirmation Methods; that of a certificate has no number. */
const JKT = 323;
const X5T_S256 = 'x5t#S256';

/**
 * @param claims values of JSON; those that are undefined are left out
 * @throws TypeError for what has no form in a CWT: a `jti` or a thumbprint that is not base64url, a function
 */
export function encodeClaims(claims: JsonObject): Uint8Array {
  const map = new Map<CborKey, CborValue>();
  for (const [name, value] of Object.entries(claims)) {
    if (value !== undefined) map.set(LABELS.get(name) ?? name, encodeClaim(name, value));
  }
  return encodeCbor(map);
}

/**
 * Claims with an integer that is unknown here are left out (RFC 8392 §3).
 * @throws CoseError `malformed_claims` for what is no map, has a claim under two names, or a value that JSON has not
 */
export function decodeClaims(payload: Uint8Array): JsonObject {
  const claims: [string, unknown][] = [];
  for (const [label, value] of readMap(payload)) {
    const name = NAMES.get(label) ?? label;
    if (typeof name !== 'string') continue;
    requireName(name);
    // A registered claim under its name beside its integer would be two claims for two readers.
    if (name === label && (LABELS.has(name) || name === 'cti')) throw malformed();
    claims.push([name, decodeClaim(name, value)]);
  }
  return Object.fromEntries(claims);
}

function readMap(payload: Uint8Array): CborMap {
  try {
    const value = decodeCbor(payload, { floats: 'finite' });
    if (isCborMap(value)) return value;
  } catch (error) {
    if (error instanceof CborError) throw new CoseError('malformed_claims', { cause: error });
    throw error;
  }
  throw malformed();
}

function malformed(): CoseError {
  return new CoseError('malformed_claims');
}

function encodeClaim(name: string, value: unknown): CborValue {
  if (name === 'jti') return toBytes(value);
  if (name !== 'cnf' || !isJsonObject(value)) return fromJson(value);
  const members = Object.entries(value).filter(([, thumbprint]) => thumbprint !== undefined);
  return new Map(
    members.map(([method, thumbprint]) => [method === 'jkt' ? JKT : method, toBytes(thumbprint)]),
  );
}

function toBytes(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? decodeBase64url(value) : undefined;
  if (bytes === undefined) throw new TypeError('the value is not base64url');
  return bytes;
}

function decodeClaim(name: string, value: CborValue): unknown {
  if (name === 'jti') {
    if (value instanceof Uint8Array) return encodeBase64url(value);
    throw malformed();
  }
  return name === 'cnf' ? decodeConfirmation(value) : toJson(value);
}

/** Members of other kinds are given by their number, so that nobody takes the token for a bearer token. */
function decodeConfirmation(value: CborValue): JsonObject {
  if (!isCborMap(value)) throw malformed();
  return Object.fromEntries(
    [...value].map(([method, member]) => {
      if ((method === JKT || method === X5T_S256) && member instanceof Uint8Array) {
        return [method === JKT ? 'jkt' : method, encodeBase64url(member)];
      }
      return [typeof method === 'string' ? `text:${method}` : String(method), null];
    }),
  );
}

function fromJson(value: unknown): CborValue {
  if (typeof value === 'string') return value.toWellFormed();
  // What JSON has no form for becomes what JSON makes of it.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (!isJsonObject(value)) throw new TypeError('the value has no form in JSON');
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return new Map(members.map(([name, member]) => [name.toWellFormed(), fromJson(member)]));
}

function toJson(value: CborValue): unknown {
  if (value instanceof Uint8Array) return encodeBase64url(value);
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(toJson);
  if (isCborMap(value)) {
    return Object.fromEntries([...value].map(([name, member]) => [requireName(name), toJson(member)]));
  }
  if (value === undefined || typeof value === 'bigint' || value instanceof CborTag) throw malformed();
  return value;
}

function requireName(name: CborKey): string {
  if (typeof name === 'string' && name !== '__proto__') return name;
  throw malformed();
}
