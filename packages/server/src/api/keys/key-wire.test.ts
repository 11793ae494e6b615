import { describe, expect, it } from 'vitest';
import type { SigningKey } from '../../domain/signing-key.ts';
import { toKeyWire } from './key-wire.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 3600_000;

const key = (kid: string, activeFrom: number, retiresAt?: number): SigningKey => ({
  kid,
  alg: 'ES256',
  publicJwk: {},
  sealedPrivateKey: new Uint8Array(),
  createdAt: activeFrom,
  activeFrom,
  ...(retiresAt === undefined ? {} : { retiresAt }),
});

describe('where a key stands', () => {
  it.each<[what: string, keys: readonly SigningKey[], states: readonly string[]]>([
    ['alone', [key('a', NOW - DAY)], ['active']],
    [
      'with one that was announced',
      [key('a', NOW - DAY, NOW + DAY + 10 * MINUTE), key('b', NOW + 10 * MINUTE)],
      ['active', 'next'],
    ],
    [
      'with two that were announced one after the other',
      [
        key('a', NOW - DAY, NOW + DAY + 5 * MINUTE),
        key('b', NOW + 5 * MINUTE, NOW + DAY + 10 * MINUTE),
        key('c', NOW + 10 * MINUTE),
      ],
      ['active', 'next', 'next'],
    ],
    [
      'with one that was announced, and another that signs at once',
      [key('a', NOW - DAY, NOW + DAY + 5 * MINUTE), key('b', NOW + 5 * MINUTE, NOW + DAY), key('c', NOW)],
      ['retiring', 'retiring', 'active'],
    ],
  ])('%s', (_what, keys, states) => {
    expect(keys.map((each) => toKeyWire(each, keys, NOW).state)).toEqual(states);
  });
});
