/**
 * What may be done over Media over QUIC: actions, on which namespaces and tracks. An extension whose labels are not
 * assigned; these are the ones that implementations use.
 * @spec draft-ietf-moq-c4m §4
 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonList, toHex } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isBytes, isList, isUint } from '../read-value.ts';

interface BytesMatch {
  readonly type: number;
  readonly bytes: Buffer;
}

interface Scope {
  readonly actions: readonly number[];
  /** Absent: any. */
  readonly namespace: readonly BytesMatch[] | undefined;
  readonly track: BytesMatch | undefined;
}

export const moqt: CatClaim<readonly Scope[]> = {
  name: 'moqt',
  label: 327,
  support: 'extension',
  says: 'Which actions of MOQT are allowed, on which namespaces and tracks',
  read: (value) => {
    if (!isList(value) || value.length === 0) return undefined;
    const scopes = value.map(readScope);
    return scopes.includes(undefined) ? undefined : scopes.filter((scope) => scope !== undefined);
  },
  acceptable: (scopes, { request: { moqt: wanted } }) => {
    if (wanted === undefined) return 'claim_unsupported';
    const namespace = wanted.namespace.map((each) => Buffer.from(each));
    const track = wanted.track === undefined ? undefined : Buffer.from(wanted.track);
    const allows = (scope: Scope): boolean =>
      scope.actions.includes(wanted.action) && isNamed(scope, namespace) && isTrack(scope, track);
    return scopes.some(allows) ? undefined : 'wrong_scope';
  },
  presented: ({ request: { moqt: wanted } }) => wanted && { ...wanted, track: wanted.track ?? null },
  toJson: (scopes) =>
    scopes.map(({ actions, namespace, track }) => [
      actions,
      ...(namespace === undefined ? [] : [namespace.map(matchToJson)]),
      ...(track === undefined ? [] : [matchToJson(track)]),
    ]),
  fromJson: bytesFromJson,
};

/** After how many seconds a relay asks again. It only informs. */
export const moqtReval: CatClaim<number> = {
  name: 'moqt-reval',
  label: 328,
  support: 'extension',
  says: 'After how many seconds a relay asks again; informs only',
  read: (value) => (typeof value === 'number' && value >= 0 ? value : undefined),
  toJson: (seconds) => seconds,
  fromJson: (json) => (typeof json === 'number' ? json : undefined),
};

function isNamed({ namespace }: Scope, wanted: readonly Buffer[]): boolean {
  if (namespace === undefined) return true;
  return (
    namespace.length === wanted.length &&
    namespace.every((match, index) => fits(match, wanted[index] ?? Buffer.alloc(0)))
  );
}

function isTrack({ track }: Scope, wanted: Buffer | undefined): boolean {
  return track === undefined || (wanted !== undefined && fits(track, wanted));
}

function fits({ type, bytes }: BytesMatch, actual: Buffer): boolean {
  switch (type) {
    case 0:
      return actual.equals(bytes);
    case 1:
      return actual.subarray(0, bytes.length).equals(bytes);
    case 2:
      return actual.length >= bytes.length && actual.subarray(actual.length - bytes.length).equals(bytes);
    default:
      return actual.includes(bytes);
  }
}

function readScope(value: CborValue): Scope | undefined {
  if (!isList(value) || value.length < 1 || value.length > 3) return undefined;
  const [actions, namespaceValue, trackValue] = value;
  if (!isList(actions) || actions.length === 0 || !actions.every(isUint)) return undefined;
  const namespace = isList(namespaceValue) ? namespaceValue.map(readMatch) : undefined;
  const track = trackValue === undefined ? undefined : readMatch(trackValue);
  if (namespaceValue !== undefined && (namespace === undefined || namespace.includes(undefined)))
    return undefined;
  if (trackValue !== undefined && track === undefined) return undefined;
  return { actions, namespace: namespace?.filter((match) => match !== undefined), track };
}

/** Bytes that must be the same, or a kind of match with its bytes. */
function readMatch(value: CborValue): BytesMatch | undefined {
  if (isBytes(value)) return { type: 0, bytes: Buffer.from(value) };
  if (!isList(value) || value.length !== 2) return undefined;
  const [type, bytes] = value;
  return isUint(type) && type <= 3 && bytes !== undefined && isBytes(bytes)
    ? { type, bytes: Buffer.from(bytes) }
    : undefined;
}

function matchToJson({ type, bytes }: BytesMatch): JsonValue {
  return type === 0 ? { hex: toHex(bytes) } : [type, { hex: toHex(bytes) }];
}

function bytesFromJson(json: JsonValue): CborValue | undefined {
  if (isJsonList(json)) {
    const items = json.map(bytesFromJson);
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof json === 'number') return json;
  if (typeof json === 'string') return new Uint8Array(Buffer.from(json, 'utf8'));
  const hex = json !== null && typeof json === 'object' && 'hex' in json ? json['hex'] : undefined;
  return typeof hex === 'string' ? new Uint8Array(Buffer.from(hex, 'hex')) : undefined;
}
