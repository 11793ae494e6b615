/**
 * CBOR for people: the diagnostic notation.
 * @spec RFC 8949 §8; RFC 8610 appendix G
 */
import { CborTag } from './value.ts';
import type { CborValue } from './value.ts';

/** @returns one line, such as `61(18([h'a10126', {4: h'6b31'}, h'…', h'…']))`. */
export function diagnostic(value: CborValue): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `h'${Buffer.from(value).toString('hex')}'`;
  if (value instanceof CborTag) return `${value.tag}(${diagnostic(value.value)})`;
  if (Array.isArray(value)) return `[${(value as readonly CborValue[]).map(diagnostic).join(', ')}]`;
  if (value instanceof Map) {
    const members = [...(value as ReadonlyMap<CborValue, CborValue>)];
    return `{${members.map(([key, member]) => `${diagnostic(key)}: ${diagnostic(member)}`).join(', ')}}`;
  }
  return `${value as boolean | bigint | null | undefined}`;
}

/** Numbers that only a float can hold look like floats. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (!Number.isFinite(value) || Number.isSafeInteger(value) || !Number.isInteger(value))
    return String(value);
  const text = String(value);
  return text.includes('e') ? text.replace(/^(-?\d)e/, '$1.0e') : `${text}.0`;
}
