/** Wycheproof's cases for the algorithms of COSE messages, with keys read as a caller would read them. */
import { describe, expect, it } from 'vitest';
import { readPublishedVectors } from '../../testing/published-vectors.ts';
import type { CborValue } from '../cbor/value.ts';
import { verifyMessage } from './algorithm.ts';
import { createMacKey, importCoseKey, importJwkForCose } from './key.ts';
import type { CoseKey } from './key.ts';

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly msg: string;
  readonly result: string;
}
interface SignatureGroup {
  readonly publicKeyJwk?: Readonly<Record<string, unknown>>;
  readonly publicKey: { readonly uncompressed?: string };
  readonly tests: readonly (Case & { readonly sig: string })[];
}
interface MacGroup {
  readonly keySize: number;
  readonly tagSize: number;
  readonly tests: readonly (Case & { readonly key: string; readonly tag: string })[];
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const read = (file: string): { readonly testGroups: readonly unknown[] } | undefined =>
  readPublishedVectors(`wycheproof/${file}.json`);

/** As a JWK; a few groups have only the point, which makes a COSE_Key. */
function keyOf({ publicKeyJwk, publicKey }: SignatureGroup): CoseKey | undefined {
  if (publicKeyJwk !== undefined) return importJwkForCose(publicKeyJwk);
  const point = bytes(publicKey.uncompressed ?? '');
  const members: [number, CborValue][] = [
    [1, 2],
    [-1, 1],
    [-2, point.subarray(1, 33)],
    [-3, point.subarray(33)],
  ];
  return importCoseKey(new Map(members));
}

const SIGNATURES = [
  ['ES256', 'ecdsa_secp256r1_sha256_p1363_test', 262],
  ['EdDSA', 'ed25519_test', 151],
  ['PS256', 'rsa_pss_2048_sha256_mgf1_32_test', 108],
] as const;

// Skipped where the published vectors are not beside the repository.
describe.skipIf(read('hmac_sha256_test') === undefined)('Wycheproof', () => {
  it.each(SIGNATURES)('%s: %s', (alg, file, count) => {
    const outcomes = (read(file)!.testGroups as readonly SignatureGroup[]).flatMap((group) => {
      const key = keyOf(group);
      expect(key?.alg).toBe(alg);
      return group.tests.map(({ tcId, comment, msg, sig, result }) => ({
        test: `${tcId} ${comment}`,
        holds: verifyMessage(alg, key!.key, bytes(msg), bytes(sig)),
        expected: result === 'valid',
      }));
    });
    expect(outcomes).toHaveLength(count);
    expect(outcomes.filter(({ holds, expected }) => holds !== expected)).toEqual([]);
  });

  it('HS256: keys below 256 bits are refused, and so are tags that are cut', () => {
    const outcomes = (read('hmac_sha256_test')!.testGroups as readonly MacGroup[]).flatMap(
      ({ keySize, tagSize, tests }) => {
        if (keySize < 256) {
          expect(() => createMacKey({ secret: bytes(tests[0]!.key) })).toThrow(TypeError);
          return tests.map(({ tcId }) => ({ tcId, holds: false, expected: false }));
        }
        return tests.map(({ tcId, key, msg, tag, result }) => ({
          tcId,
          holds: verifyMessage('HS256', createMacKey({ secret: bytes(key) }).key, bytes(msg), bytes(tag)),
          expected: result === 'valid' && tagSize === 256,
        }));
      },
    );
    expect(outcomes).toHaveLength(174);
    expect(outcomes.filter(({ expected }) => expected).length).toBeGreaterThan(20);
    expect(outcomes.filter(({ holds, expected }) => holds !== expected)).toEqual([]);
  });
});
