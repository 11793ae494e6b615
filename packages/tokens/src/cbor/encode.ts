/**
 * Writes CBOR in its deterministic form: shortest numbers and lengths, keys in order.
 * @spec RFC 8949 §4.2.1, §4.2.2
 */
import { toHalf } from './float16.ts';
import { compareKeys } from './key-order.ts';
import { CborTag } from './value.ts';
import type { CborKey, CborValue } from './value.ts';

/**
 * Numbers without a fraction are written as integers, except −0 and those beyond ±(2^53−1); `bigint`s always are.
 * @throws TypeError for a lone surrogate in a text, a key twice, a `bigint` beyond 64 bits, nesting deeper than 64,
 * and anything that is no CBOR value
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer();
  writer.item(value, 0);
  return writer.finish();
}

const MAXIMUM_DEPTH = 64;
const SHORT_TEXT = 64;
const TWO_TO_32 = 2 ** 32;
const LARGEST_UINT64 = 0xffff_ffff_ffff_ffffn;

class Writer {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
  }

  item(value: CborValue, depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new TypeError('the value is nested too deep');
    switch (typeof value) {
      case 'number':
        this.#number(value);
        break;
      case 'bigint':
        this.#bigint(value);
        break;
      case 'string':
        this.#text(value);
        break;
      case 'boolean':
        this.#byte(value ? 0xf5 : 0xf4);
        break;
      case 'undefined':
        this.#byte(0xf7);
        break;
      case 'object':
        this.#object(value, depth);
        break;
      default:
        throw new TypeError('the value has no form in CBOR');
    }
  }

  #object(value: CborValue & (object | null), depth: number): void {
    if (value === null) this.#byte(0xf6);
    else if (value instanceof Uint8Array) this.#byteString(value);
    else if (Array.isArray(value)) {
      const items = value as readonly CborValue[];
      this.#head(4, items.length);
      for (const item of items) this.item(item, depth + 1);
    } else if (value instanceof Map) this.#map(value as ReadonlyMap<CborKey, CborValue>, depth);
    else if (value instanceof CborTag) {
      if (!Number.isSafeInteger(value.tag) || value.tag < 0) throw new TypeError('the tag is no tag number');
      this.#head(6, value.tag);
      this.item(value.value, depth + 1);
    } else throw new TypeError('the value has no form in CBOR');
  }

  #map(map: ReadonlyMap<CborKey, CborValue>, depth: number): void {
    this.#head(5, map.size);
    for (const [key, value] of areInOrder(map) ? map : sorted(map)) {
      this.item(key, depth + 1);
      this.item(value, depth + 1);
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= 0) this.#head(0, value);
    else this.#head(1, -1 - value);
  }

  #bigint(value: bigint): void {
    const argument = value < 0n ? -1n - value : value;
    if (argument > LARGEST_UINT64) throw new TypeError('the integer has more than 64 bits');
    const major = value < 0n ? 1 : 0;
    if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) this.#head(major, Number(argument));
    else {
      this.#reserve(9);
      this.#bytes[this.#length] = (major << 5) | 27;
      this.#bytes.writeBigUInt64BE(argument, this.#length + 1);
      this.#length += 9;
    }
  }

  #float(value: number): void {
    this.#reserve(9);
    const start = this.#length;
    const half = toHalf(value);
    if (half !== undefined) {
      this.#bytes[start] = 0xf9;
      this.#length = this.#bytes.writeUInt16BE(half, start + 1);
    } else if (Math.fround(value) === value) {
      this.#bytes[start] = 0xfa;
      this.#length = this.#bytes.writeFloatBE(value, start + 1);
    } else {
      this.#bytes[start] = 0xfb;
      this.#length = this.#bytes.writeDoubleBE(value, start + 1);
    }
  }

  #text(text: string): void {
    if (text.length <= SHORT_TEXT && this.#shortAscii(text)) return;
    if (!text.isWellFormed()) throw new TypeError('a text has half of a surrogate pair');
    const size = Buffer.byteLength(text, 'utf8');
    this.#head(3, size);
    this.#reserve(size);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** Most texts are short and plain; a loop writes them faster than a call into the engine does. */
  #shortAscii(text: string): boolean {
    const start = this.#length;
    this.#head(3, text.length);
    this.#reserve(text.length);
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#length = start;
        return false;
      }
      bytes[this.#length++] = code;
    }
    return true;
  }

  #byteString(bytes: Uint8Array): void {
    this.#head(2, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #head(major: number, argument: number): void {
    this.#reserve(9);
    this.#length = writeHead(this.#bytes, this.#length, major, argument);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/**
 * The first bytes of an item: its major type, and its value or length (RFC 8949 §3).
 * @param argument from 0 to 2^53−1
 * @returns where the next byte goes
 */
export function writeHead(bytes: Buffer, start: number, major: number, argument: number): number {
  const type = major << 5;
  if (argument < 24) {
    bytes[start] = type | argument;
    return start + 1;
  }
  if (argument < 0x100) {
    bytes[start] = type | 24;
    bytes[start + 1] = argument;
    return start + 2;
  }
  if (argument < 0x1_0000) {
    bytes[start] = type | 25;
    return bytes.writeUInt16BE(argument, start + 1);
  }
  if (argument < TWO_TO_32) {
    bytes[start] = type | 26;
    return bytes.writeUInt32BE(argument, start + 1);
  }
  bytes[start] = type | 27;
  bytes.writeUInt32BE(Math.floor(argument / TWO_TO_32), start + 1);
  return bytes.writeUInt32BE(argument % TWO_TO_32, start + 5);
}

function areInOrder(map: Iterable<readonly [CborKey, CborValue]>): boolean {
  let previous: CborKey | undefined;
  for (const [key] of map) {
    if (previous !== undefined && compareKeys(previous, key) >= 0) return false;
    previous = key;
  }
  return true;
}

/** @throws TypeError when two keys are one, such as 1 and 1n */
function sorted(map: ReadonlyMap<CborKey, CborValue>): readonly (readonly [CborKey, CborValue])[] {
  const members = [...map].toSorted(([a], [b]) => compareKeys(a, b));
  if (!areInOrder(members)) throw new TypeError('a map has a key twice');
  return members;
}
