import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createStatusList, decompressStatusList, StatusList } from './status-list.ts';
import type { StatusBits } from './status-list.ts';
import { StatusListError } from './status-list-error.ts';

/** draft-ietf-oauth-status-list-15 §4.1, both examples: bits, statuses in order, compressed array. */
const SMALL: readonly (readonly [StatusBits, readonly number[], string])[] = [
  [1, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], '78dadbb918000217015d'],
  [2, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], '78da3be9f2130003df0207'],
];

/** Appendix C.1 to C.3: lists of 2^20 entries, 0 but for those named. */
const LARGE: readonly (readonly [StatusBits, Readonly<Record<number, number>>, string])[] = [
  [
    1,
    {
      0: 1,
      1993: 1,
      25460: 1,
      159495: 1,
      495669: 1,
      554353: 1,
      645645: 1,
      723232: 1,
      854545: 1,
      934534: 1,
      1000345: 1,
    },
    '78daeddc010dc0200c0041a88249400ad2903e0f4bba00bd93f002beb7a2a2010000a91e0900000000000000000000000000000080729604000000000000000000000000000000000000000000000000000000000000000000000000000000005c6f4800000000000000fc2c240000000000000000000000be1b12000000000000000000ecaa4b000000000000000000000000000000009b0b0900000000000000000038de9400000000000000002a30cc010000000080642f0bd8011b',
  ],
  [
    2,
    {
      0: 1,
      1993: 2,
      25460: 1,
      159495: 3,
      495669: 1,
      554353: 1,
      645645: 2,
      723232: 1,
      854545: 1,
      934534: 2,
      1000345: 3,
    },
    '78daeddb310d00211000412ea1a04004fe5520ed357c28c81d3312b6df68bc65480000000000406e21010000000000000000000000000000000000000000000000000000000000000040795b02000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080f4ba0400000000000000000000000000406d764a000000000000000000000000000000000000000000e0922101000000000000000000000000000000000000fc131200000000000000000000000000000000000000000000000000000000000000c0912e01000000000000000000000000000000000000c07d4b02000000000000000000000000000000a8614a0000000000000000000000406a1fcd60010c',
  ],
  [
    4,
    {
      0: 1,
      1993: 2,
      35460: 3,
      459495: 4,
      595669: 5,
      754353: 6,
      845645: 7,
      923232: 8,
      924445: 9,
      934534: 10,
      1004534: 11,
      1000345: 12,
      1030203: 13,
      1030204: 14,
      1030205: 15,
    },
    '78daedd0410d8030100030081f0226908204244c025290840414111cecb7e4b8b5123a0e40669b0200000000000000000000000000000020b54901000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000400ebb020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000e8c5a1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000082280a0000000000000000000000000000000000000000000000000000000000000000000000000000000000000080ae9c0a00000000000000000000000000000000000000000000000000000000000000000000000000686a564033970200000000886551000000000000000000000000000000000000000000000000000000000000000071dc0a0080ba55010000000000000000000000c0cf3daf03000000000000000008ec03dc4c04c0',
  ],
];

const list = (bits: StatusBits, statuses: readonly number[]): StatusList => {
  const made = createStatusList(bits, statuses.length);
  for (const [index, status] of statuses.entries()) made.set(index, status);
  return made;
};
const MEGABYTE = 1_048_576;

describe('a status list', () => {
  it.each(SMALL)('of %i bits is compressed as the draft shows (§4.1)', (bits, statuses, hex) => {
    expect(Buffer.from(list(bits, statuses).compress()).toString('hex')).toBe(hex);
  });
  it.each(SMALL)('of %i bits is read as the draft shows (§4.1)', (bits, statuses, hex) => {
    const read = decompressStatusList(bits, Buffer.from(hex, 'hex'), MEGABYTE);
    expect(Array.from({ length: read.size }, (_, index) => read.get(index))).toEqual(statuses);
  });
  it.each(LARGE)(
    'of %i bits and a million entries is read as the draft shows (appendix C)',
    (bits, set, hex) => {
      const read = decompressStatusList(bits, Buffer.from(hex, 'hex'), MEGABYTE);
      expect(read.size).toBe(2 ** 20);
      const found: Record<number, number> = {};
      for (let index = 0; index < read.size; index += 1) {
        const status = read.get(index);
        if (status !== 0) found[index] = status;
      }
      expect(found).toEqual(set);
    },
  );
  it.each([1, 2, 4, 8] as const)('of %i bits keeps each status apart from its neighbours', (bits) => {
    const made = createStatusList(bits, 64);
    const highest = 2 ** bits - 1;
    for (let index = 0; index < 64; index += 2) made.set(index, (index * 7) % (highest + 1));
    for (let index = 1; index < 64; index += 2) made.set(index, highest);
    const read = decompressStatusList(bits, made.compress(), MEGABYTE);
    for (let index = 0; index < 64; index += 1) {
      expect(read.get(index)).toBe(index % 2 === 0 ? (index * 7) % (highest + 1) : highest);
    }
    made.set(3, 0);
    expect([made.get(2), made.get(3), made.get(4)]).toEqual([14 % (highest + 1), 0, 28 % (highest + 1)]);
  });
});

describe('a status list is refused', () => {
  const refusal = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof StatusListError) return error.code;
      throw error;
    }
    return 'accepted';
  };
  it.each([-1, 16, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('at the index %d', (index) => {
    expect(refusal(() => createStatusList(1, 16).get(index))).toBe('out_of_bounds');
  });
  const good = deflateSync(new Uint8Array(1000));
  const malformed: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['no ZLIB stream', Buffer.from('not compressed')],
    ['half a stream', good.subarray(0, good.length - 5)],
    ['a stream with something after it', Buffer.concat([good, Buffer.from([0])])],
    ['a stream with a wrong checksum', Buffer.concat([good.subarray(0, -1), Buffer.from([2])])],
  ];
  it.each(malformed)('that is %s', (_what, bytes) => {
    expect(refusal(() => decompressStatusList(1, bytes, MEGABYTE))).toBe('malformed_list');
  });
  it('that grows beyond the limit, before it has grown', () => {
    const bomb = deflateSync(new Uint8Array(8 * MEGABYTE), { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(refusal(() => decompressStatusList(1, bomb, MEGABYTE))).toBe('too_large');
    expect(decompressStatusList(1, deflateSync(new Uint8Array(MEGABYTE)), MEGABYTE).size).toBe(8 * MEGABYTE);
  });
});
