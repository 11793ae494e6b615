/** Bytes and texts that are nearly what they were, from a seed: the same on every run. For tests only. */

export interface Dice {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** @param seed any number but zero */
export function createDice(seed: number): Dice {
  let state = seed | 0;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  return { below, pick: (items) => items[below(items.length)] ?? items[0] };
}

type Change = (bytes: Buffer, others: readonly Uint8Array[], dice: Dice) => Buffer;

const setByte: Change = (bytes, _, dice) => {
  bytes[dice.below(bytes.length)] = dice.below(256);
  return bytes;
};
const flipBit: Change = (bytes, _, dice) => {
  const index = dice.below(bytes.length);
  bytes[index] = (bytes[index] ?? 0) ^ (1 << dice.below(8));
  return bytes;
};
const cut: Change = (bytes, _, dice) => bytes.subarray(0, dice.below(bytes.length));
const remove: Change = (bytes, _, dice) => {
  const start = dice.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + dice.below(4))]);
};
const insert: Change = (bytes, _, dice) => {
  const start = dice.below(bytes.length + 1);
  const added = Buffer.alloc(1 + dice.below(4), dice.pick([0, 0x40, 0x41, 0x80, 0xa0, 0xff]));
  return Buffer.concat([bytes.subarray(0, start), added, bytes.subarray(start)]);
};
const repeat: Change = (bytes, _, dice) => {
  const start = dice.below(bytes.length);
  const end = start + 1 + dice.below(32);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
};
/** The beginning of one and the end of another, cut at the same place or at two. */
const splice: Change = (bytes, others, dice) => {
  const other = others[dice.below(others.length)] ?? bytes;
  const start = dice.below(bytes.length);
  return Buffer.concat([
    bytes.subarray(0, start),
    other.subarray(dice.pick([start, dice.below(other.length)])),
  ]);
};
const overwrite: Change = (bytes, others, dice) => {
  const other = others[dice.below(others.length)] ?? bytes;
  const start = dice.below(bytes.length);
  bytes.set(other.subarray(start, start + 1 + dice.below(40)).subarray(0, bytes.length - start), start);
  return bytes;
};
/** CBOR heads in longer forms: the same value for a reader that forgives. */
const lengthen: Change = (bytes, _, dice) => {
  const start = dice.below(bytes.length);
  for (let index = start; index < bytes.length; index++) {
    const head = bytes[index] ?? 0;
    const additional = head & 0x1f;
    const type = head & 0xe0;
    if (additional > 24) continue;
    const longer =
      additional === 24
        ? [type | 25, 0]
        : dice.pick([[type | 24, additional], [type | 25, 0, additional], [type | 31]]);
    return Buffer.concat([bytes.subarray(0, index), Buffer.from(longer), bytes.subarray(index + 1)]);
  }
  return bytes;
};

const CHANGES: [Change, ...Change[]] = [
  flipBit,
  flipBit,
  setByte,
  cut,
  remove,
  insert,
  repeat,
  splice,
  splice,
  overwrite,
  lengthen,
];

/** One change, and now and then a second or third. @param others good ones, to take pieces from */
export function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], dice: Dice): Uint8Array {
  let changed = Buffer.from(bytes);
  for (let times = dice.pick([1, 1, 1, 2, 3]); times > 0 && changed.length > 0; times--) {
    changed = Buffer.from(dice.pick(CHANGES)(changed, others, dice));
  }
  return changed;
}

/** A change of the text around the bytes: padding, another alphabet, white space, another last character. */
export function mutateText(text: string, dice: Dice): string {
  const index = dice.below(text.length + 1);
  switch (dice.below(6)) {
    case 0:
      return `${text}${dice.pick(['=', '==', '.', ' ', '\n', '\0', 'A', '%3D'])}`;
    case 1:
      return text.replaceAll('-', '+').replaceAll('_', '/');
    case 2:
      return text.slice(0, index) + dice.pick(['\r\n', ' ', '.', '=', '\u00e9', '~']) + text.slice(index);
    case 3:
      return text.slice(0, -1) + dice.pick(['A', 'B', 'C', 'D', 'Q', 'w', '_']);
    case 4:
      return text.slice(0, index);
    default:
      return text.slice(0, index) + dice.pick(['A', 'f', '9', '-', '_']) + text.slice(index + 1);
  }
}

/** Most of what a refusal costs is the list of its callers; hundreds of thousands of refusals do without. */
export function withoutStacks<Result>(run: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
