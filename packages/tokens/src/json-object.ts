/**
 * The JSON of headers and claims, read so that two readers cannot see two things in it.
 * @spec RFC 7515 §4, §10.12; RFC 7519 §4; RFC 8725 §2.4; RFC 8259 §4, §8.1
 */
import { isUtf8 } from 'node:buffer';
import { JwtError } from './jwt-error.ts';
import type { JwtErrorCode } from './jwt-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const MAXIMUM_DEPTH = 32;

/**
 * @param malformed the code for everything that is not one JSON object in valid UTF-8
 * @throws JwtError with that code, or `duplicate_member` when an object at any depth names a member twice
 */
export function parseJsonObject(bytes: Uint8Array, malformed: JwtErrorCode): JsonObject {
  const members = countMembers(bytes);
  if (members === undefined && !isUtf8(bytes)) throw new JwtError(malformed);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = members === undefined ? buffer.toString('utf8') : buffer.toString('latin1');
  const value = parse(text);
  if (!isJsonObject(value)) throw new JwtError(malformed);
  // As many members as were written: then none was written twice. Whatever else may be wrong the slow way finds.
  if (members === undefined || countOwn(value, 1) !== members) requireOneMeaning(text, malformed);
  return value;
}

/**
 * How many members the objects of a JSON text have, as they are written: each has one colon outside of strings.
 * @returns undefined for what takes a closer look: escapes, and anything but ASCII
 */
function countMembers(bytes: Uint8Array): number | undefined {
  let members = 0;
  let inString = false;
  let all = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    all |= byte;
    if (byte === QUOTE) inString = !inString;
    else if (byte === BACKSLASH) return undefined;
    else if (byte === COLON && !inString) members++;
  }
  return all < 0x80 ? members : undefined;
}

/** How many there are, as they were parsed. `NaN`, which equals nothing, for a value that is too deep or has `__proto__`. */
function countOwn(value: object, depth: number): number {
  if (depth > MAXIMUM_DEPTH) return Number.NaN;
  if (Object.hasOwn(value, '__proto__')) return Number.NaN;
  let members = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const each of Object.values(value)) {
    if (typeof each === 'object' && each !== null) members += countOwn(each, depth + 1);
  }
  return members;
}

/** Whether a parsed JSON value is an object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Walks text that is known to be JSON: no member twice, no `__proto__`, no half of a surrogate pair, not too deep. */
function requireOneMeaning(text: string, malformed: JwtErrorCode): void {
  // One entry for each open bracket: the names seen so far in an object, undefined in an array.
  const open: (Set<string> | undefined)[] = [];
  let nameExpected = false;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        nameExpected = text.charCodeAt(index) === OPEN_OBJECT;
        if (open.push(nameExpected ? new Set() : undefined) > MAXIMUM_DEPTH) throw new JwtError(malformed);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        nameExpected = false;
        break;
      case COMMA:
        nameExpected = open.at(-1) !== undefined;
        break;
      case QUOTE: {
        const end = endOfString(text, index);
        const string = readString(text, index, end);
        if (string === undefined) throw new JwtError(malformed);
        if (nameExpected) addName(open.at(-1), string, malformed);
        nameExpected = false;
        index = end;
        break;
      }
      default:
    }
  }
}

function addName(names: Set<string> | undefined, name: string, malformed: JwtErrorCode): void {
  if (name === '__proto__') throw new JwtError(malformed);
  if (names?.has(name) === true) throw new JwtError('duplicate_member');
  names?.add(name);
}

/** @returns the index of the closing quote. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text.charCodeAt(index) !== QUOTE) index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  return index;
}

/** @returns the string with its escapes resolved, or undefined when they leave half of a surrogate pair. */
function readString(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end);
  if (!raw.includes('\\')) return raw;
  const string: unknown = JSON.parse(text.slice(start, end + 1));
  return typeof string === 'string' && string.isWellFormed() ? string : undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
