import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDice, mutateBytes, withoutStacks } from '../../testing/mutated-bytes.ts';
import { CborError } from './cbor-error.ts';
import { decodeCbor } from './decode.ts';
import { diagnostic } from './diagnostic.ts';
import { encodeCbor } from './encode.ts';
import type { CborRules } from './rules.ts';
import { CborTag } from './value.ts';
import type { CborValue } from './value.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function codeOf(data: Uint8Array, rules?: CborRules): string {
  try {
    decodeCbor(data, rules);
  } catch (error) {
    if (error instanceof CborError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('decodeCbor refuses', () => {
  it.each([
    ['nothing', '', 'truncated'],
    ['a second item', '0000', 'trailing_bytes'],
    ['a head without its argument', '18', 'truncated'],
    ['half of an argument', '1a0000', 'truncated'],
    ['text that is cut short', '6261', 'truncated'],
    ['bytes that are cut short', '4201', 'truncated'],
    ['an array that is cut short', '8201', 'truncated'],
    ['a map without its last value', 'a101', 'truncated'],
    ['a tag without a value', 'c1', 'truncated'],
    ['an array of 2^32−1 items in five bytes', '9affffffff', 'truncated'],
    ['a map of 2^63 members in nine bytes', 'bb8000000000000000', 'truncated'],
    ['a text of 2^53 bytes', '7b0020000000000000', 'truncated'],
    ['a float that is cut short', 'f93e', 'truncated'],
    ['additional information 28 (§3)', '1c', 'malformed_head'],
    ['additional information 29', '5d', 'malformed_head'],
    ['additional information 30', 'fe', 'malformed_head'],
    ['a lone break (§3.2.1)', 'ff', 'indefinite_length'],
    ['an integer of indefinite length', '1f', 'indefinite_length'],
    ['simple value 31 in two bytes (§3.3)', 'f81f', 'malformed_head'],
    ['false in two bytes (§3.3)', 'f814', 'malformed_head'],
    ['simple value 0', 'e0', 'unsupported_simple'],
    ['0 in two bytes (§4.2.1)', '1800', 'not_shortest'],
    ['23 in two bytes', '1817', 'not_shortest'],
    ['255 in three bytes', '1900ff', 'not_shortest'],
    ['65 535 in five bytes', '1a0000ffff', 'not_shortest'],
    ['2^32−1 in nine bytes', '1b00000000ffffffff', 'not_shortest'],
    ['−24 in two bytes', '3817', 'not_shortest'],
    ['a length in two bytes', '580100', 'not_shortest'],
    ["an array's length in two bytes", '980100', 'not_shortest'],
    ['tag 17 in two bytes', 'd81100', 'not_shortest'],
    ['1.5 in single precision', 'fa3fc00000', 'not_shortest'],
    ['1.5 in double precision', 'fb3ff8000000000000', 'not_shortest'],
    ['tag 2^53', 'db002000000000000000', 'unsupported_tag'],
    ['a continuation byte alone (RFC 3629 §3)', '6180', 'malformed_utf8'],
    ['an overlong slash', '62c0af', 'malformed_utf8'],
    ['half of a surrogate pair', '63eda080', 'malformed_utf8'],
    ['a code point beyond 10FFFF', '64f4908080', 'malformed_utf8'],
    ['UTF-8 that is cut by the length', '61c3bc', 'malformed_utf8'],
    ['an integer key twice (§5.6)', 'a201000101', 'duplicate_key'],
    ['a text key twice', 'a2616100616101', 'duplicate_key'],
    ['a large integer key twice', 'a21bffffffffffffffff001bffffffffffffffff00', 'duplicate_key'],
    ['a byte string as key', 'a14000', 'unsupported_key'],
    ['a map as key', 'a1a000', 'unsupported_key'],
    ['true as key', 'a1f500', 'unsupported_key'],
    ['a float as key', 'a1f93e0000', 'unsupported_key'],
    ['a tagged key', 'a1c10000', 'unsupported_key'],
    ['a list as key', 'a1810100', 'unsupported_key'],
    ['NaN', 'f97e00', 'float_refused'],
    ['Infinity', 'f97c00', 'float_refused'],
    ['−0', 'f98000', 'float_refused'],
    ['1 as a float', 'f93c00', 'float_refused'],
  ])('%s', (_, hex, code) => {
    expect(codeOf(bytes(hex))).toBe(code);
  });

  it.each<[string, string, CborRules, string]>([
    ['keys out of order (§4.2.1)', 'a202000100', { sorted: true }, 'unsorted_keys'],
    ['a negative key before a positive one', 'a220000100', { sorted: true }, 'unsorted_keys'],
    ['a text key before an integer', 'a2616100 0100', { sorted: true }, 'unsorted_keys'],
    ['a longer text before a shorter one', 'a2626161006162 00', { sorted: true }, 'unsorted_keys'],
    ['one value in two spellings as keys', 'a20100180100', { shortest: false }, 'duplicate_key'],
    ['a list of labels twice', 'a2820161610082016161 00', { listKeys: true }, 'duplicate_key'],
    ['an empty list as key', 'a18000', { listKeys: true }, 'unsupported_key'],
    ['a list of lists as key', 'a1818100 00', { listKeys: true }, 'unsupported_key'],
    ['NaN among finite numbers', 'f97e00', { floats: 'finite' }, 'float_refused'],
    ['−0 among finite numbers', 'f98000', { floats: 'finite' }, 'float_refused'],
    ['any float where there is none', 'f93e00', { floats: 'none' }, 'float_refused'],
    ['a NaN with a message', 'f97e01', { floats: 'any' }, 'not_shortest'],
    ['more bytes than allowed', '820102', { maximumBytes: 2 }, 'too_large'],
    ['more items than allowed', '820102', { maximumItems: 2 }, 'too_many_items'],
    ['more depth than allowed', '818100', { maximumDepth: 1 }, 'too_deep'],
    ['tags within tags', 'c1c100', { maximumDepth: 1 }, 'too_deep'],
  ])('%s', (_, hex, rules, code) => {
    expect(codeOf(bytes(hex), rules)).toBe(code);
  });

  it('ten thousand arrays in each other', () => {
    expect(codeOf(new Uint8Array(10_000).fill(0x81))).toBe('too_deep');
    expect(codeOf(new Uint8Array(10_000).fill(0xc1))).toBe('too_deep');
  });

  it('an array of a hundred thousand items', () => {
    const many = new Uint8Array(100_005);
    many.set(bytes('9a000186a0'));
    expect(codeOf(many)).toBe('too_large');
    expect(codeOf(many, { maximumBytes: 1e6 })).toBe('too_many_items');
    expect(codeOf(many, { maximumBytes: 1e6, maximumItems: 1e6 })).toBe('accepted');
  });
});

describe('decodeCbor', () => {
  it('takes longer forms where the caller does not compare bytes', () => {
    const read = decodeCbor(bytes('d811 9802 1801 5800'), { shortest: false });
    expect(read).toEqual(new CborTag(17, [1, bytes('')]));
  });
  it('takes lists of labels as keys where the caller asks for them', () => {
    const read = decodeCbor(bytes('a2 820405 00 81616101'), { listKeys: true, sorted: false });
    expect([...(read as Map<unknown, unknown>)]).toEqual([
      [[4, 5], 0],
      [['a'], 1],
    ]);
    expect(encodeCbor(read)).toEqual(bytes('a2 81616101 820405 00'));
  });
  it('keeps integers exact up to 2^53−1 and gives larger ones as bigint', () => {
    expect(decodeCbor(bytes('1b001fffffffffffff'))).toBe(Number.MAX_SAFE_INTEGER);
    expect(decodeCbor(bytes('1b0020000000000000'))).toBe(2n ** 53n);
    expect(decodeCbor(bytes('3b001ffffffffffffe'))).toBe(Number.MIN_SAFE_INTEGER);
    expect(decodeCbor(bytes('3b001fffffffffffff'))).toBe(-(2n ** 53n));
  });
  it('reads a view into a larger buffer', () => {
    expect(decodeCbor(bytes('ffff 4201 02 ffff').subarray(2, 5))).toEqual(bytes('0102'));
  });
});

describe('encodeCbor refuses', () => {
  const deep = Array.from({ length: 100 }).reduce<CborValue>((inner) => [inner], 0);
  it.each<[string, unknown]>([
    ['half of a surrogate pair', '\ud800'],
    [
      'a key twice',
      new Map<unknown, number>([
        [1, 0],
        [1n, 0],
      ]),
    ],
    ['65 bits', 2n ** 64n],
    ['65 negative bits', -(2n ** 64n) - 1n],
    ['a negative tag', new CborTag(-1, 0)],
    ['a tag with a fraction', new CborTag(1.5, 0)],
    ['an object', { a: 1 }],
    ['a date', new Date(0)],
    ['a function', () => 0],
    ['what is nested too deep', deep],
  ])('%s', (_, value) => {
    expect(() => encodeCbor(value as CborValue)).toThrow(TypeError);
  });
});

describe('encodeCbor', () => {
  it('puts keys in the order of their bytes (§4.2.1)', () => {
    const keys = ['aa', -1, 'z', 100, 10, '', 2n ** 60n, -(2n ** 60n), -100, 'é', 24];
    const written = encodeCbor(new Map(keys.map((key) => [key, null])));
    expect(diagnostic(decodeCbor(written, { sorted: true }))).toBe(
      '{10: null, 24: null, 100: null, 1152921504606846976: null, -1: null, -100: null, ' +
        '-1152921504606846976: null, "": null, "z": null, "aa": null, "é": null}',
    );
  });
});

const label = fc.oneof(
  fc.integer(),
  fc.string({ unit: 'grapheme' }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
);
const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.double().filter((number) => !Object.is(number, -0)),
    fc.float({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(label, tie('value')), { maxLength: 5 }).map((members) => new Map(members)),
    fc.tuple(fc.maxSafeInteger().map(Math.abs), tie('value')).map(([tag, inner]) => new CborTag(tag, inner)),
  ),
}));

describe('any value', () => {
  it('is read as it was written, and written as it was read', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const written = encodeCbor(value);
        const read = decodeCbor(written, { floats: 'any', sorted: true });
        expect(encodeCbor(read)).toEqual(written);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any bytes', () => {
  const rules: CborRules[] = [{}, { sorted: true }, { shortest: false, floats: 'any', listKeys: true }];
  /** Reads them under every rule; what the strictest takes, it takes in no other spelling. */
  const isFaithful = (data: Uint8Array): boolean => {
    for (const rule of rules) codeOf(data, rule);
    if (codeOf(data, { sorted: true }) !== 'accepted') return true;
    return Buffer.compare(encodeCbor(decodeCbor(data)), data) === 0;
  };

  it('are one value in one spelling, or refused', () => {
    const random = fc.property(fc.uint8Array({ maxLength: 64 }), isFaithful);
    expect(() => withoutStacks(() => fc.assert(random, { numRuns: 10_000 }))).not.toThrow();
  });

  it('are one value in one spelling, or refused, when they are nearly good', { timeout: 60_000 }, () => {
    const dice = createDice(1);
    const good = encodeCbor(
      new Map<string | number, CborValue>([
        [1, 'issuer'],
        [2, [1, 2, 3.5, -500, 2n ** 60n]],
        [4, new CborTag(61, new Map([['aé', new Uint8Array(30)]]))],
        ['more', [null, true, 'x'.repeat(40)]],
      ]),
    );
    const unfaithful = withoutStacks(() => {
      const mutated = Array.from({ length: 30_000 }, () => mutateBytes(good, [good], dice));
      return mutated.filter((data) => !isFaithful(data));
    });
    expect(unfaithful).toEqual([]);
  });
});
