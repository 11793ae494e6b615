import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url.ts';

describe('decodeBase64url refuses (RFC 4648 §3.2, §3.3, §3.5)', () => {
  it.each([
    '=',
    'AA==',
    'AAA=',
    'A',
    'AAAAA',
    'AB',
    'AAB',
    'A+',
    'A/',
    ' AA',
    'AA ',
    'AA\n',
    'A\tA',
    'A.A',
    'A\u00e9',
    'A%3D',
  ])('%j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });
});

describe('base64url', () => {
  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(new Uint8Array(decodeBase64url(encodeBase64url(bytes))!)).toEqual(bytes);
      }),
    );
  });
  it('encodes the bytes of a view, not of the buffer under it', () => {
    expect(encodeBase64url(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe('AgM');
  });
  it('has no more than one text for any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 6 }), (text) => {
        const bytes = decodeBase64url(text);
        fc.pre(bytes !== undefined);
        expect(encodeBase64url(bytes)).toBe(text);
      }),
    );
  });
});
