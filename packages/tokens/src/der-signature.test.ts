import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derToRaw, rawToDer } from './der-signature.ts';
import { readPublishedVectors } from '../testing/published-vectors.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ff = 'ff'.repeat(32);

describe('derToRaw refuses (X.690 §8.3, §10.1)', () => {
  it.each([
    ['nothing', ''],
    ['another tag', '31 06 0201 01 0201 01'],
    ['a length that is too small', '30 05 0201 01 0201 01'],
    ['a length that is too large', '30 07 0201 01 0201 01'],
    ['a long-form length', '30 81 06 0201 01 0201 01'],
    ['bytes after the end', '30 06 0201 01 0201 01 00'],
    ['bytes after s inside the sequence', '30 07 0201 01 0201 01 00'],
    ['a third integer', '30 09 0201 01 0201 01 0201 01'],
    ['one integer only', '30 03 0201 01'],
    ['r = 0', '30 06 0201 00 0201 01'],
    ['s = 0', '30 06 0201 01 0201 00'],
    ['a negative number', '30 06 0201 81 0201 01'],
    ['a zero byte that is not needed', '30 07 0202 0001 0201 01'],
    ['an integer without bytes', '30 05 0200 0201 01'],
    ['an integer that runs over the end', '30 06 0201 01 0205 01'],
    ['33 significant bytes', `30 26 0221 01${ff} 0201 01`],
    ['another tag inside', '30 06 0301 01 0201 01'],
  ])('%s', (_, der) => {
    expect(derToRaw(hex(der))).toBeUndefined();
  });
});

describe('rawToDer refuses (RFC 7518 §3.4)', () => {
  it.each([
    ['63 bytes', ff + ff.slice(2)],
    ['65 bytes', `${ff}${ff}ff`],
    ['r = 0', '00'.repeat(32) + ff],
    ['s = 0', ff + '00'.repeat(32)],
    ['r = s = 0', '00'.repeat(64)],
  ])('%s', (_, raw) => {
    expect(rawToDer(hex(raw))).toBeUndefined();
  });
});

describe('DER and raw signatures', () => {
  it('turn into each other without loss', () => {
    const scalar = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((bytes) => bytes.some((byte) => byte > 0));
    const short = fc.tuple(fc.nat(31), scalar).map(([zeros, bytes]) => bytes.fill(0, 0, zeros));
    fc.assert(
      fc.property(short, short, (r, s) => {
        fc.pre(r.some((byte) => byte > 0) && s.some((byte) => byte > 0));
        const raw = new Uint8Array([...r, ...s]);
        expect(derToRaw(rawToDer(raw)!)).toEqual(raw);
      }),
      { numRuns: 2000 },
    );
  });

  it('are the ones that OpenSSL writes and reads', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let round = 0; round < 500; round++) {
      const message = Buffer.from(`message ${round}`);
      const der = sign('sha256', message, privateKey);
      const raw = derToRaw(der)!;
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      expect(Buffer.from(rawToDer(raw)!)).toEqual(der);
    }
  });
});

interface Wycheproof {
  testGroups: {
    publicKeyPem: string;
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}
const wycheproof: Wycheproof | undefined = readPublishedVectors(
  'wycheproof/ecdsa_secp256r1_sha256_p1363_test.json',
);

// Skipped where the published vectors are not beside the repository.
describe.skipIf(wycheproof === undefined)('Wycheproof ECDSA P-256 in P1363 form', () => {
  it('agrees in every case', () => {
    let count = 0;
    for (const group of wycheproof!.testGroups) {
      const key = createPublicKey(group.publicKeyPem);
      for (const test of group.tests) {
        const der = rawToDer(hex(test.sig));
        const holds = der !== undefined && verify('sha256', hex(test.msg), key, der);
        expect(holds, `${test.tcId} ${test.comment}`).toBe(test.result === 'valid');
        count++;
      }
    }
    expect(count).toBeGreaterThan(200);
  });
});
