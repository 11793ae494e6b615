/** What stands in for Node in the browser says what Node says. */
import { isUtf8 as nodeIsUtf8 } from 'node:buffer';
import { isIPv4 as nodeIsIPv4, isIPv6 as nodeIsIPv6 } from 'node:net';
import { crc32 as nodeCrc32 } from 'node:zlib';
import { assert, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Buffer as BrowserBuffer } from './buffer.ts';
import { crc32, hash, isIPv4, isIPv6, isUtf8 } from './modules.ts';

describe('as in Node', () => {
  it('CRC-32', () => {
    assert(property(string(), (text) => crc32(text) === nodeCrc32(text)));
    expect(crc32('123456789')).toBe(0xcbf43926);
  });

  it('UTF-8', () => {
    assert(property(uint8Array(), (bytes) => isUtf8(bytes) === nodeIsUtf8(bytes)));
    expect(isUtf8(Uint8Array.of(0xc3))).toBe(false);
  });

  it('base64url, in both directions', () => {
    assert(
      property(uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(BrowserBuffer.from(bytes).toString('base64url')).toBe(text);
        expect(Uint8Array.from(BrowserBuffer.from(text, 'base64url'))).toEqual(bytes);
      }),
    );
  });

  it.each([
    '127.0.0.1',
    '256.0.0.1',
    '1.2.3',
    '01.2.3.4',
    '',
    'a.b.c.d',
    '::1',
    '::',
    '1::2::3',
    '2001:db8::1',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '::ffff:1.2.3.4',
    '12345::',
    'g::',
  ])('addresses: %s', (text) => {
    expect([isIPv4(text), isIPv6(text)]).toEqual([nodeIsIPv4(text), nodeIsIPv6(text)]);
  });

  it('but for what takes a key', () => {
    expect(() => hash()).toThrow('This needs a key');
  });
});
