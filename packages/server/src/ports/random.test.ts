import { describe, expect, it } from 'vitest';
import { createPooledRandom } from './random.ts';

describe('pooled random bytes', () => {
  it('has the size asked for, larger than the pool too', () => {
    const random = createPooledRandom();
    for (const size of [0, 1, 32, 8191, 8192, 8193, 20_000]) expect(random(size)).toHaveLength(size);
  });

  it('hands out no byte twice and keeps none', () => {
    const random = createPooledRandom();
    const drawn = Array.from({ length: 2000 }, () => random(16));
    expect(new Set(drawn.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(2000);
    expect(drawn.every((bytes) => bytes.buffer.byteLength === 16)).toBe(true);
  });

  it('is even: each bit is set about half of the time', () => {
    const random = createPooledRandom();
    const counts = Array.from({ length: 8 }, () => 0);
    for (let round = 0; round < 4000; round += 1) {
      for (const byte of random(20)) for (let bit = 0; bit < 8; bit += 1) counts[bit]! += (byte >> bit) & 1;
    }
    // 80 000 draws; six standard deviations are 0.0106.
    for (const count of counts) expect(Math.abs(count / 80_000 - 0.5)).toBeLessThan(0.0107);
  });
});
