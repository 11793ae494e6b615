import { createHash, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, deriveTokenKey, open, seal } from './sealed-box.ts';
import { createTokenString, hashTokenString } from './token-string.ts';

const key = deriveKey(new Uint8Array(32).fill(7), 'test');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('open refuses', () => {
  const sealed = seal(key, bytes('secret'), 'user 1', randomBytes);

  it('another context', () => expect(open(key, sealed, 'user 2')).toBeUndefined());
  it('another key', () => {
    expect(open(deriveKey(new Uint8Array(32).fill(7), 'other'), sealed, 'user 1')).toBeUndefined();
  });
  it('a cut box', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(open(key, sealed.subarray(0, length), 'user 1')).toBeUndefined();
    }
  });
  it('any flipped bit', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(key, changed, 'user 1')).toBeUndefined();
    }
  });
  it('keys of a wrong size, loudly', () => {
    expect(() => open(key.subarray(1), sealed, 'user 1')).toThrow(RangeError);
    expect(() => seal(key.subarray(1), bytes(''), 'user 1', randomBytes)).toThrow(RangeError);
  });
});

describe('seal', () => {
  it('gives back any plaintext under the same key and context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, context) => {
        const sealed = seal(key, plaintext, context, randomBytes);
        expect(open(key, sealed, context)).toEqual(plaintext);
        expect(sealed).toHaveLength(1 + 12 + plaintext.length + 16);
      }),
    );
  });

  it('starts with its version and never repeats itself', () => {
    const first = seal(key, bytes('same'), 'c', randomBytes);
    const second = seal(key, bytes('same'), 'c', randomBytes);
    expect(first[0]).toBe(1);
    expect(first).not.toEqual(second);
  });

  it('refuses a random source that gives too little', () => {
    expect(() => seal(key, bytes('x'), 'c', () => new Uint8Array(4))).toThrow(RangeError);
  });
});

describe('deriveKey', () => {
  it('gives the same 32 bytes for the same secret and purpose, as text or as bytes', () => {
    const secret = 'sixteen bytes or more';
    expect(deriveKey(secret, 'p')).toEqual(deriveKey(bytes(secret), 'p'));
    expect(deriveKey(secret, 'p')).toHaveLength(32);
    expect(deriveKey(secret, 'p')).not.toEqual(deriveKey(secret, 'q'));
  });

  it('is HKDF-SHA-256 with the purpose as info (RFC 5869 §2; output computed once with another implementation)', () => {
    expect(Buffer.from(deriveKey(new Uint8Array(32).fill(7), 'test')).toString('hex')).toBe(
      '9cd923b2a7b612b525b1f93415466f7ca72c780713d5344eb74f4cc229ca5919',
    );
  });

  it('refuses a secret that can be guessed and an empty purpose', () => {
    expect(() => deriveKey('short', 'p')).toThrow(RangeError);
    expect(() => deriveKey(new Uint8Array(32), '')).toThrow(RangeError);
  });
});

describe('deriveTokenKey', () => {
  const token = createTokenString('rt', randomBytes);

  it('refuses what is too short to be random enough, and an empty purpose', () => {
    expect(() => deriveTokenKey('x'.repeat(42), 'p')).toThrow(RangeError);
    expect(() => deriveTokenKey(token, '')).toThrow(RangeError);
  });
  it('gives a key for each purpose, and never the hash that is stored', () => {
    expect(deriveTokenKey(token, 'p')).toEqual(deriveTokenKey(token, 'p'));
    expect(deriveTokenKey(token, 'p')).not.toEqual(deriveTokenKey(token, 'q'));
    expect(deriveTokenKey(token, 'p')).not.toEqual(hashTokenString(token));
    expect(deriveTokenKey(token, 'p')).toHaveLength(32);
  });
  it('is SHA-256 over counter, secret and purpose (NIST SP 800-56C r2 §4.1)', () => {
    const input = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(token), Buffer.from('p')]);
    expect(Buffer.from(deriveTokenKey(token, 'p'))).toEqual(createHash('sha256').update(input).digest());
  });
});
