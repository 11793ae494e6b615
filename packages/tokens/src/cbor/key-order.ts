/**
 * The order of a map's keys: that of their encoded bytes.
 * @spec RFC 8949 §4.2.1
 */
import type { CborKey, CborLabel } from './value.ts';

/** @returns a negative number when `a` comes first, zero when both are the same key. */
export function compareKeys(a: CborKey, b: CborKey): number {
  if (typeof a === 'number' && typeof b === 'number' && a >= 0 && b >= 0) return a - b;
  const kind = kindOf(a) - kindOf(b);
  if (kind !== 0) return kind;
  if (typeof a === 'string') return compareTexts(a, b as string);
  if (typeof a === 'object') return compareLists(a, b as readonly CborLabel[]);
  const order = a < (b as number | bigint) ? -1 : a > (b as number | bigint) ? 1 : 0;
  // Negative integers are written as their distance from −1, so they come in falling order.
  return a < 0 ? -order : order;
}

/** The major type, which leads the bytes. */
function kindOf(key: CborKey): number {
  if (typeof key === 'string') return 3;
  if (typeof key === 'object') return 4;
  return key < 0 ? 1 : 0;
}

/** The length stands before the text, so shorter texts come first. */
function compareTexts(a: string, b: string): number {
  const size = Buffer.byteLength(a, 'utf8');
  const order = size - Buffer.byteLength(b, 'utf8');
  if (order !== 0 || a === b) return order;
  // Beyond ASCII the order of the language's strings is not always that of their bytes.
  if (size === a.length && size === b.length) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function compareLists(a: readonly CborLabel[], b: readonly CborLabel[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const [index, label] of a.entries()) {
    const order = compareKeys(label, b[index] ?? label);
    if (order !== 0) return order;
  }
  return 0;
}
