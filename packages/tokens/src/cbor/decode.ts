/**
 * Reads CBOR strictly: one item, from the first byte to the last, that every other reader sees the same way.
 * By hand because tokens are checked many per second, and libraries forgive.
 * @spec RFC 8949 §3, §4.2, §5.3, §5.6
 */
import { isUtf8 } from 'node:buffer';
import { CborError } from './cbor-error.ts';
import { fromHalf, toHalf } from './float16.ts';
import { compareKeys } from './key-order.ts';
import { defaultCborRules } from './rules.ts';
import type { CborRules } from './rules.ts';
import { CborTag } from './value.ts';
import type { CborKey, CborLabel, CborMap, CborValue } from './value.ts';

/**
 * @param bytes exactly one item; byte strings in the result are views of these bytes, not copies
 * @throws CborError
 */
export function decodeCbor(bytes: Uint8Array, rules?: CborRules): CborValue {
  const reader = new Reader(
    bytes,
    rules === undefined ? defaultCborRules : { ...defaultCborRules, ...rules },
  );
  const value = reader.item(0);
  if (reader.position !== bytes.length) throw new CborError('trailing_bytes');
  return value;
}

const BREAK_OR_INDEFINITE = 31;
const TWO_TO_32 = 2 ** 32;
/** The upper half of 2^53, from which on integers are not exact. */
const EXACT_LIMIT_HIGH = 0x20_0000;

class Reader {
  readonly #bytes: Buffer;
  readonly #rules: Required<CborRules>;
  position = 0;
  #items = 0;
  /** The low 32 bits of the last 64-bit argument. */
  #low = 0;
  /** The high 32 bits of the last argument: zero unless it had 64 bits. */
  #high = 0;

  constructor(bytes: Uint8Array, rules: Required<CborRules>) {
    if (bytes.length > rules.maximumBytes) throw new CborError('too_large');
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#rules = rules;
  }

  /** @param depth how many containers are open */
  item(depth: number): CborValue {
    if (++this.#items > this.#rules.maximumItems) throw new CborError('too_many_items');
    const head = this.#byte();
    const additional = head & 0x1f;
    const major = head >> 5;
    if (major === 7) return this.#simpleOrFloat(additional);
    const argument = this.#argument(additional);
    switch (major) {
      case 0:
        return this.#high < EXACT_LIMIT_HIGH ? argument : this.#bigArgument();
      case 1:
        return argument < Number.MAX_SAFE_INTEGER ? -1 - argument : -1n - this.#bigArgument();
      case 2:
        return this.#byteString(argument);
      case 3:
        return this.#text(argument);
      case 4:
        return this.#array(argument, this.#within(depth));
      case 5:
        return this.#map(argument, this.#within(depth));
      default:
        if (this.#high >= EXACT_LIMIT_HIGH) throw new CborError('unsupported_tag');
        return new CborTag(argument, this.item(this.#within(depth)));
    }
  }

  #within(depth: number): number {
    if (depth >= this.#rules.maximumDepth) throw new CborError('too_deep');
    return depth + 1;
  }

  #byte(): number {
    const byte = this.#bytes[this.position++];
    if (byte === undefined) throw new CborError('truncated');
    return byte;
  }

  /** The number that follows the head, exact up to 2^53 (§3). */
  #argument(additional: number): number {
    this.#high = 0;
    if (additional < 24) return additional;
    if (additional > 27) {
      throw new CborError(additional === BREAK_OR_INDEFINITE ? 'indefinite_length' : 'malformed_head');
    }
    const start = this.position;
    const size = 1 << (additional - 24);
    if (start + size > this.#bytes.length) throw new CborError('truncated');
    this.position = start + size;
    const argument = this.#readArgument(start, size);
    // The smallest number that needs this many bytes.
    const least = size === 1 ? 24 : 2 ** (size * 4);
    if (this.#rules.shortest && argument < least) throw new CborError('not_shortest');
    return argument;
  }

  #readArgument(start: number, size: number): number {
    const bytes = this.#bytes;
    if (size === 1) return bytes[start] ?? 0;
    if (size === 2) return bytes.readUInt16BE(start);
    if (size === 4) return bytes.readUInt32BE(start);
    this.#high = bytes.readUInt32BE(start);
    this.#low = bytes.readUInt32BE(start + 4);
    return this.#high * TWO_TO_32 + this.#low;
  }

  #bigArgument(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  /** @returns where a string of that length begins, having stepped over it. */
  #skip(length: number): number {
    const start = this.position;
    if (length > this.#bytes.length - start) throw new CborError('truncated');
    this.position = start + length;
    return start;
  }

  #byteString(length: number): Uint8Array {
    const start = this.#skip(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  #text(length: number): string {
    const bytes = this.#bytes;
    const start = this.#skip(length);
    const end = this.position;
    for (let index = start; index < end; index++) {
      if ((bytes[index] ?? 0) > 0x7f) {
        if (!isUtf8(bytes.subarray(start, end))) throw new CborError('malformed_utf8');
        return bytes.toString('utf8', start, end);
      }
    }
    return bytes.toString('latin1', start, end);
  }

  /** A length that the remaining bytes cannot hold is refused before anything is built. */
  #requireRoom(items: number): void {
    if (items > this.#bytes.length - this.position) throw new CborError('truncated');
  }

  #array(length: number, depth: number): readonly CborValue[] {
    this.#requireRoom(length);
    const items: CborValue[] = [];
    for (let index = 0; index < length; index++) items.push(this.item(depth));
    return items;
  }

  #map(length: number, depth: number): CborMap {
    this.#requireRoom(2 * length);
    const map = new Map<CborKey, CborValue>();
    let previous: CborKey | undefined;
    let lists: Set<string> | undefined;
    for (let index = 0; index < length; index++) {
      const key = this.#key(depth);
      if (typeof key === 'object') requireNewList((lists ??= new Set()), key);
      else if (map.has(key)) throw new CborError('duplicate_key');
      if (this.#rules.sorted && previous !== undefined && compareKeys(previous, key) >= 0) {
        throw new CborError('unsorted_keys');
      }
      previous = key;
      map.set(key, this.item(depth));
    }
    return map;
  }

  #key(depth: number): CborKey {
    const key = this.item(depth);
    if (isLabel(key)) return key;
    if (this.#rules.listKeys && isListOfLabels(key)) return key;
    throw new CborError('unsupported_key');
  }

  #simpleOrFloat(additional: number): CborValue {
    switch (additional) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
      case 26:
      case 27:
        return this.#float(1 << (additional - 24));
      case BREAK_OR_INDEFINITE:
        throw new CborError('indefinite_length');
      default:
        throw new CborError(
          additional > 27
            ? 'malformed_head'
            : additional === 24
              ? this.#simpleInTwoBytes()
              : 'unsupported_simple',
        );
    }
  }

  /** A simple value below 32 in two bytes is not well-formed (§3.3). */
  #simpleInTwoBytes(): 'malformed_head' | 'unsupported_simple' {
    return this.#byte() < 32 ? 'malformed_head' : 'unsupported_simple';
  }

  #float(size: number): number {
    const bytes = this.#bytes;
    const start = this.#skip(size);
    const value =
      size === 2
        ? fromHalf(bytes.readUInt16BE(start))
        : size === 4
          ? bytes.readFloatBE(start)
          : bytes.readDoubleBE(start);
    if (!isAllowedFloat(value, this.#rules.floats)) throw new CborError('float_refused');
    if (this.#rules.shortest && !isShortestFloat(value, size, bytes, start))
      throw new CborError('not_shortest');
    return value;
  }
}

/** Two lists are never the same object: what they say is compared. */
function requireNewList(seen: Set<string>, list: readonly CborLabel[]): void {
  const spelling = JSON.stringify(list, (_, label: unknown) =>
    typeof label === 'bigint' ? { integer: label.toString() } : label,
  );
  if (seen.has(spelling)) throw new CborError('duplicate_key');
  seen.add(spelling);
}

function isAllowedFloat(value: number, floats: Required<CborRules>['floats']): boolean {
  switch (floats) {
    case 'any':
      return true;
    case 'finite':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'fractions':
      return Number.isFinite(value) && !Number.isInteger(value);
    default:
      return false;
  }
}

/** Half precision where that loses nothing, else single, else double; one NaN (§4.2.2). */
function isShortestFloat(value: number, size: number, bytes: Buffer, start: number): boolean {
  if (size === 2) return !Number.isNaN(value) || bytes.readUInt16BE(start) === 0x7e00;
  if (toHalf(value) !== undefined) return false;
  return size === 4 || Math.fround(value) !== value;
}

function isLabel(value: CborValue): value is CborLabel {
  // A number that is no integer was a float.
  return typeof value === 'string' || typeof value === 'bigint' || Number.isInteger(value);
}

function isListOfLabels(value: CborValue): value is readonly CborLabel[] {
  return Array.isArray(value) && value.length > 0 && (value as readonly CborValue[]).every(isLabel);
}
