/** The forms that several claims have. */
import type { CborKey, CborValue } from '../cbor/index.ts';
import { isJsonList } from './json-value.ts';
import type { JsonValue } from './json-value.ts';

export function readText(value: CborValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** One text, or several as a list; which of both is kept. */
export type Texts = string | readonly string[];

export function readTexts(value: CborValue): Texts | undefined {
  return typeof value === 'string' ? value : readTextList(value);
}

export function readTextList(value: CborValue): readonly string[] | undefined {
  return isList(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    ? value
    : undefined;
}

export function listOf(texts: Texts): readonly string[] {
  return typeof texts === 'string' ? [texts] : texts;
}

/** Seconds since the epoch, an integer or a fraction. */
export function readSeconds(value: CborValue): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
    ? value
    : undefined;
}

export function isUint(value: CborValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

export function isMap(value: CborValue): value is ReadonlyMap<CborKey, CborValue> {
  return value instanceof Map;
}

export function isBytes(value: CborValue): value is Uint8Array {
  return value instanceof Uint8Array;
}

export function textsFromJson(json: JsonValue): CborValue | undefined {
  return typeof json === 'string' ? json : textListFromJson(json);
}

export function textListFromJson(json: JsonValue): CborValue | undefined {
  return isJsonList(json) && json.length > 0 && json.every((each) => typeof each === 'string')
    ? json
    : undefined;
}

export function numberFromJson(json: JsonValue): CborValue | undefined {
  return typeof json === 'number' && Number.isFinite(json) ? json : undefined;
}
