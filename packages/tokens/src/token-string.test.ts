import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createTokenString,
  hashTokenString,
  parseTokenString,
  tokenKinds,
  tokenStringPattern,
} from './token-string.ts';

const token = createTokenString('at', randomBytes);

describe('parseTokenString refuses', () => {
  it.each([
    ['nothing', ''],
    ['another prefix', token.replace('tsr_', 'ghp_')],
    ['an upper-case prefix', token.replace('tsr_', 'TSR_')],
    ['an unknown kind', token.replace('_at_', '_xx_')],
    ['another known kind', token.replace('_at_', '_rt_')],
    ['a kind named like a property of every object', `tsr_constructor_${token.slice(7)}`],
    ['no kind', `tsr_${token.slice(7)}`],
    ['a missing character', token.slice(0, -1)],
    ['a character too many', `${token}0`],
    ['white space before', ` ${token}`],
    ['white space after', `${token} `],
    ['a line break after', `${token}\n`],
    ['a character outside the alphabet', `${token.slice(0, 20)}-${token.slice(21)}`],
    ['a character beyond ASCII', `${token.slice(0, 20)}\u00e9${token.slice(21)}`],
    ['a wrong checksum', token.slice(0, -6) + '000000'],
  ])('%s', (_, value) => {
    expect(parseTokenString(value)).toBeUndefined();
  });

  it('a character outside the alphabet under a checksum that holds', () => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const withChecksum = (body: string) => {
      const digits = Array.from(
        { length: 6 },
        (_, index) => Math.floor(crc32(body) / 62 ** (5 - index)) % 62,
      );
      return body + digits.map((digit) => alphabet[digit]).join('');
    };
    expect(parseTokenString(withChecksum(`tsr_at_${'a'.repeat(43)}`))).toEqual({ kind: 'at' });
    expect(parseTokenString(withChecksum(`tsr_at_${'a'.repeat(42)}-`))).toBeUndefined();
    expect(parseTokenString(withChecksum(`tsr_at_${'a'.repeat(42)}_`))).toBeUndefined();
  });

  it('what is not a string', () => {
    expect(parseTokenString(JSON.parse('null'))).toBeUndefined();
    expect(parseTokenString(JSON.parse(`["${token}"]`))).toBeUndefined();
  });

  it('any change of one character', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tokenKinds),
        fc.uint8Array({ minLength: 56, maxLength: 56 }),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (kind, bytes, position, character) => {
          const original = createTokenString(kind, (size) =>
            Uint8Array.from({ length: size }, (_, i) => bytes[i]! % 62),
          );
          const at = position % original.length;
          fc.pre(original[at] !== character);
          expect(
            parseTokenString(original.slice(0, at) + character + original.slice(at + 1)),
          ).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('createTokenString', () => {
  it.each(tokenKinds)('makes a string of kind %s that parses and matches the published pattern', (kind) => {
    const value = createTokenString(kind, randomBytes);
    expect(parseTokenString(value)).toEqual({ kind });
    expect(value).toMatch(new RegExp(`^${tokenStringPattern}$`));
    expect(value).toHaveLength(`tsr_${kind}_`.length + 43 + 6);
  });

  it('has one spelling for given random bytes', () => {
    expect(createTokenString('at', (size) => new Uint8Array(size))).toBe(`tsr_at_${'0'.repeat(43)}40WOov`);
  });

  it('throws away bytes that would favour some characters, and asks again when too few are left', () => {
    const draws: number[] = [];
    const value = createTokenString('at', (size) => {
      draws.push(size);
      // 62, 63, 126 and 127 map to no character; each draw here gives a single usable byte.
      return Uint8Array.from({ length: size }, (_, index) =>
        index === 0 ? 64 + 61 : [62, 63, 126, 127][index % 4]!,
      );
    });
    expect(draws).toHaveLength(43);
    expect(value.slice(7, 50)).toBe('z'.repeat(43));
  });

  it('uses every character equally often', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 2000; round++) {
      for (const character of createTokenString('at', randomBytes).slice(7, 50)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    const expected = (2000 * 43) / 62;
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    // 61 degrees of freedom: a fair draw goes beyond 150 once in a hundred million runs.
    expect(chiSquare).toBeLessThan(150);
  });
});

describe('hashTokenString', () => {
  it('is SHA-256 of the whole string', () => {
    expect(Buffer.from(hashTokenString(token))).toEqual(createHash('sha256').update(token).digest());
  });
});
