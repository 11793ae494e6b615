import { BadCursor } from '../ports/store-errors.ts';

/** A cursor names its list and the sequence number of the last row shown; callers see it as opaque. */
export function encodeCursor(list: string, seq: number): string {
  return Buffer.from(`${list}:${seq}`, 'utf8').toString('base64url');
}

/**
 * The sequence number below which the page starts.
 * @param cursor absent: the first page
 * @throws BadCursor unless this very list could have made it
 */
export function decodeCursor(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const [name, digits] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  const seq = Number(digits);
  // Encoding it again leaves exactly one spelling: no padding, no stray bits, no leading zeros, nothing after.
  if (name !== list || !Number.isSafeInteger(seq) || seq < 1 || encodeCursor(list, seq) !== cursor) {
    throw new BadCursor();
  }
  return seq;
}
