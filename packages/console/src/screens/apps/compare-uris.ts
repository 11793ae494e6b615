/** Where a redirect URI that came differs from the registered ones. */

/** A text around the place where it differs; what differs is empty where the other text has something more. */
export interface Marked {
  readonly before: string;
  readonly differs: string;
  readonly after: string;
}

export interface Comparison {
  readonly got: Marked;
  readonly registered: Marked;
  /** The first character that differs, counted from 1. */
  readonly position: number;
}

/** @returns the comparison with the registered URI that is most alike; undefined where none is registered */
export function compareWithNearest(got: string, registered: readonly string[]): Comparison | undefined {
  let nearest: Comparison | undefined;
  for (const uri of registered) {
    const comparison = compare(got, uri);
    if (nearest === undefined || differing(comparison) < differing(nearest)) nearest = comparison;
  }
  return nearest;
}

function differing({ got, registered }: Comparison): number {
  return got.differs.length + registered.differs.length;
}

function compare(got: string, registered: string): Comparison {
  const shorter = Math.min(got.length, registered.length);
  let start = 0;
  while (start < shorter && got[start] === registered[start]) start += 1;
  let end = 0;
  while (end < shorter - start && got.at(-1 - end) === registered.at(-1 - end)) end += 1;
  const mark = (text: string): Marked => ({
    before: text.slice(0, start),
    differs: text.slice(start, text.length - end),
    after: text.slice(text.length - end),
  });
  return { got: mark(got), registered: mark(registered), position: start + 1 };
}
