/**
 * Match maps: what a part of the request must be like, used by `catu` and `cath`.
 * @spec CTA-5007-B §4.6.10, §4.6.13
 */
import { hash } from 'node:crypto';
import type { CborKey, CborValue } from '../cbor/index.ts';
import { isJsonList, isJsonRecord, fromHex, toHex } from './json-value.ts';
import type { JsonValue } from './json-value.ts';
import { compileEre } from './posix-ere.ts';

/** One condition. Those of one map must all hold. */
export interface Match {
  readonly type: number;
  readonly value: CborValue;
  holds(text: string): boolean;
}

/** Names as other tools write them, Eyevinn's first: they are the ones we write. */
const NAMES: readonly (readonly [type: number, name: string, ...others: string[]])[] = [
  [0, 'exact-match', 'exact'],
  [1, 'prefix-match', 'prefix'],
  [2, 'suffix-match', 'suffix'],
  [3, 'contains-match', 'contains'],
  [4, 'regex-match', 'regex'],
  [-1, 'sha256-match', 'sha256', 'sha-256'],
  [-2, 'sha512-256-match', 'sha512-256', 'sha-512/256'],
];

/** @returns undefined for a map that is empty or holds anything unknown: what is not understood must not let pass */
export function readMatches(value: CborValue): readonly Match[] | undefined {
  if (!(value instanceof Map) || value.size === 0) return undefined;
  const matches: Match[] = [];
  for (const [type, expected] of value as ReadonlyMap<CborKey, CborValue>) {
    const holds = readTest(type, expected);
    if (holds === undefined || typeof type !== 'number') return undefined;
    matches.push({ type, value: expected, holds });
  }
  return matches;
}

export function allHold(matches: readonly Match[], text: string): boolean {
  return matches.every((match) => match.holds(text));
}

function readTest(type: CborKey, expected: CborValue): Match['holds'] | undefined {
  if (type === -1 || type === -2) {
    if (!(expected instanceof Uint8Array) || expected.length !== 32) return undefined;
    const algorithm = type === -1 ? 'sha256' : 'sha512-256';
    const hex = toHex(expected);
    return (text) => hash(algorithm, text, 'hex') === hex;
  }
  if (type === 4) return readPattern(expected);
  if (typeof expected !== 'string') return undefined;
  switch (type) {
    case 0:
      return (text) => text === expected;
    case 1:
      return (text) => text.startsWith(expected);
    case 2:
      return (text) => text.endsWith(expected);
    case 3:
      return (text) => text.includes(expected);
    default:
      return undefined;
  }
}

/**
 * The pattern alone, or a list that begins with it. What may follow in the list is read in different ways by others, so
 * only null, which asks for nothing, is taken.
 */
function readPattern(expected: CborValue): Match['holds'] | undefined {
  if (typeof expected === 'string') return compileEre(expected);
  if (!Array.isArray(expected)) return undefined;
  const [pattern, ...groups] = expected as readonly CborValue[];
  if (typeof pattern !== 'string' || groups.some((group) => group !== null)) return undefined;
  return compileEre(pattern);
}

export function matchesToJson(matches: readonly Match[]): JsonValue {
  const json: Record<string, JsonValue> = {};
  for (const { type, value } of matches) {
    const name = NAMES.find(([each]) => each === type)?.[1] ?? String(type);
    json[name] = value instanceof Uint8Array ? toHex(value) : (value as JsonValue);
  }
  return json;
}

export function matchesFromJson(json: JsonValue | undefined): CborValue | undefined {
  if (!isJsonRecord(json)) return undefined;
  const map = new Map<CborKey, CborValue>();
  for (const [name, expected] of Object.entries(json)) {
    const type = NAMES.find(([, ...names]) => names.includes(name))?.[0];
    if (type === undefined) return undefined;
    const value = type < 0 ? fromHex(expected) : type === 4 && !isJsonList(expected) ? [expected] : expected;
    if (value === undefined) return undefined;
    map.set(type, value as CborValue);
  }
  return map;
}
