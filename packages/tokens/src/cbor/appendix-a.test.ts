/** The examples of the standard, row by row. */
import { describe, expect, it } from 'vitest';
import { CborError } from './cbor-error.ts';
import { decodeCbor } from './decode.ts';
import { diagnostic } from './diagnostic.ts';
import { encodeCbor } from './encode.ts';
import { CborTag } from './value.ts';
import type { CborKey, CborValue } from './value.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const map = (...members: [CborKey, CborValue][]) => new Map(members);
const upTo25 = Array.from({ length: 25 }, (_, index) => index + 1);

// Value, bytes, and the notation when it is another one than the row's in the RFC's table.
const READ_AND_WRITTEN: [diagnosticText: string, hex: string, value: CborValue][] = [
  ['0', '00', 0],
  ['1', '01', 1],
  ['10', '0a', 10],
  ['23', '17', 23],
  ['24', '1818', 24],
  ['25', '1819', 25],
  ['100', '1864', 100],
  ['1000', '1903e8', 1000],
  ['1000000', '1a000f4240', 1_000_000],
  ['1000000000000', '1b000000e8d4a51000', 1_000_000_000_000],
  ['18446744073709551615', '1bffffffffffffffff', 18446744073709551615n],
  ["2(h'010000000000000000')", 'c249010000000000000000', new CborTag(2, bytes('010000000000000000'))],
  ['-18446744073709551616', '3bffffffffffffffff', -18446744073709551616n],
  ["3(h'010000000000000000')", 'c349010000000000000000', new CborTag(3, bytes('010000000000000000'))],
  ['-1', '20', -1],
  ['-10', '29', -10],
  ['-100', '3863', -100],
  ['-1000', '3903e7', -1000],
  ['-0.0', 'f98000', -0],
  ['1.1', 'fb3ff199999999999a', 1.1],
  ['1.5', 'f93e00', 1.5],
  ['3.4028234663852886e+38', 'fa7f7fffff', 3.4028234663852886e38],
  ['1.0e+300', 'fb7e37e43c8800759c', 1e300],
  ['5.960464477539063e-8', 'f90001', 5.960464477539063e-8],
  ['0.00006103515625', 'f90400', 0.00006103515625],
  ['-4.1', 'fbc010666666666666', -4.1],
  ['Infinity', 'f97c00', Infinity],
  ['NaN', 'f97e00', Number.NaN],
  ['-Infinity', 'f9fc00', -Infinity],
  ['false', 'f4', false],
  ['true', 'f5', true],
  ['null', 'f6', null],
  ['undefined', 'f7', undefined],
  [
    '0("2013-03-21T20:04:00Z")',
    'c074323031332d30332d32315432303a30343a30305a',
    new CborTag(0, '2013-03-21T20:04:00Z'),
  ],
  ['1(1363896240)', 'c11a514b67b0', new CborTag(1, 1363896240)],
  ['1(1363896240.5)', 'c1fb41d452d9ec200000', new CborTag(1, 1363896240.5)],
  ["23(h'01020304')", 'd74401020304', new CborTag(23, bytes('01020304'))],
  ["24(h'6449455446')", 'd818456449455446', new CborTag(24, bytes('6449455446'))],
  [
    '32("http://www.example.com")',
    'd82076687474703a2f2f7777772e6578616d706c652e636f6d',
    new CborTag(32, 'http://www.example.com'),
  ],
  ["h''", '40', bytes('')],
  ["h'01020304'", '4401020304', bytes('01020304')],
  ['""', '60', ''],
  ['"a"', '6161', 'a'],
  ['"IETF"', '6449455446', 'IETF'],
  ['"\\"\\\\"', '62225c', '"\\'],
  ['"\u00fc"', '62c3bc', '\u00fc'],
  ['"\u6c34"', '63e6b0b4', '\u6c34'],
  ['"\ud800\udd51"', '64f0908591', '\ud800\udd51'],
  ['[]', '80', []],
  ['[1, 2, 3]', '83010203', [1, 2, 3]],
  ['[1, [2, 3], [4, 5]]', '8301820203820405', [1, [2, 3], [4, 5]]],
  [`[${upTo25.join(', ')}]`, '98190102030405060708090a0b0c0d0e0f101112131415161718181819', upTo25],
  ['{}', 'a0', map()],
  ['{1: 2, 3: 4}', 'a201020304', map([1, 2], [3, 4])],
  ['{"a": 1, "b": [2, 3]}', 'a26161016162820203', map(['a', 1], ['b', [2, 3]])],
  ['["a", {"b": "c"}]', '826161a161626163', ['a', map(['b', 'c'])]],
  [
    '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}',
    'a56161614161626142616361436164614461656145',
    map(['a', 'A'], ['b', 'B'], ['c', 'C'], ['d', 'D'], ['e', 'E']),
  ],
];

// Floats that are integers: read with the rule `finite`, written as the integer that they are.
const INTEGERS_AS_FLOATS: [hex: string, value: number, written: string][] = [
  ['f90000', 0, '00'],
  ['f93c00', 1, '01'],
  ['f97bff', 65504, '19ffe0'],
  ['fa47c35000', 100000, '1a000186a0'],
  ['f9c400', -4, '23'],
];

const REFUSED: [what: string, hex: string, code: string][] = [
  ['Infinity in single precision', 'fa7f800000', 'not_shortest'],
  ['NaN in single precision', 'fa7fc00000', 'not_shortest'],
  ['-Infinity in single precision', 'faff800000', 'not_shortest'],
  ['Infinity in double precision', 'fb7ff0000000000000', 'not_shortest'],
  ['NaN in double precision', 'fb7ff8000000000000', 'not_shortest'],
  ['-Infinity in double precision', 'fbfff0000000000000', 'not_shortest'],
  ['simple(16)', 'f0', 'unsupported_simple'],
  ['simple(255)', 'f8ff', 'unsupported_simple'],
  ["(_ h'0102', h'030405')", '5f42010243030405ff', 'indefinite_length'],
  ['(_ "strea", "ming")', '7f657374726561646d696e67ff', 'indefinite_length'],
  ['[_ ]', '9fff', 'indefinite_length'],
  ['[_ 1, [2, 3], [_ 4, 5]]', '9f018202039f0405ffff', 'indefinite_length'],
  ['[_ 1, [2, 3], [4, 5]]', '9f01820203820405ff', 'indefinite_length'],
  ['[1, [2, 3], [_ 4, 5]]', '83018202039f0405ff', 'indefinite_length'],
  ['[1, [_ 2, 3], [4, 5]]', '83019f0203ff820405', 'indefinite_length'],
  ['[_ 1, 2, … 25]', '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff', 'indefinite_length'],
  ['{_ "a": 1, "b": [_ 2, 3]}', 'bf61610161629f0203ffff', 'indefinite_length'],
  ['["a", {_ "b": "c"}]', '826161bf61626163ff', 'indefinite_length'],
  ['{_ "Fun": true, "Amt": -2}', 'bf6346756ef563416d7421ff', 'indefinite_length'],
];

describe('RFC 8949 appendix A', () => {
  it.each(READ_AND_WRITTEN)('%s', (text, hex, value) => {
    const read = decodeCbor(bytes(hex), { floats: 'any', sorted: true });
    expect(read).toEqual(value);
    expect(diagnostic(read)).toBe(text);
    expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(hex);
  });

  it.each(INTEGERS_AS_FLOATS)('%s is %d, where floats may be integers', (hex, value, written) => {
    expect(decodeCbor(bytes(hex), { floats: 'finite' })).toBe(value);
    expect(() => decodeCbor(bytes(hex))).toThrow(new CborError('float_refused'));
    expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(written);
  });

  it.each(REFUSED)('%s is refused', (_, hex, code) => {
    expect(() => decodeCbor(bytes(hex), { floats: 'any' })).toThrow(
      expect.objectContaining({ name: 'CborError', code }),
    );
  });
});
