import { beforeEach, describe, expect, it } from 'vitest';
import { createProofMemory } from './proof-memory.ts';
import type { ProofMemory } from './proof-memory.ts';

/** Seconds. */
const NOW = 1_800_000_000;
const LIMITS = { proofsOfKey: 4, proofs: 10 };

let now = NOW;
let memory: ProofMemory;
beforeEach(() => {
  now = NOW;
  memory = createProofMemory(() => now * 1000, LIMITS);
});

const remember = (jti: string, { key = 'key', iat = now } = {}) =>
  memory.remember({ thumbprint: key, jti, iat, nonce: undefined, freshUntil: (iat + 300) * 1000 });

describe('the memory of proofs (RFC 9449 §11.1)', () => {
  it('knows a proof as long as it is fresh', () => {
    expect(remember('a')).toBe('new');
    expect(remember('a')).toBe('used');
    const iat = now;
    now += 299;
    expect(remember('a', { iat })).toBe('used');
  });

  it('keeps keys and seconds apart', () => {
    expect(remember('a')).toBe('new');
    expect(remember('a', { key: 'another' })).toBe('new');
    expect(remember('a', { iat: now - 1 })).toBe('new');
  });

  it('never drops a proof for newer ones: a flood with one key makes its older proofs worthless, repeated or not', () => {
    const iat = now - 5;
    expect(remember('first', { iat })).toBe('new');
    for (let count = 0; count < 50; count++) {
      now += 1;
      expect(remember(`flood ${count}`)).toBe('new');
    }
    expect(remember('first', { iat })).toBe('used');
    expect(remember('never seen', { iat })).toBe('used');
  });

  it('a flood with one key within one second ends with that second', () => {
    for (let count = 0; count < 4; count++) expect(remember(`flood ${count}`)).toBe('new');
    expect(remember('one more')).toBe('used');
    expect(remember('flood 0')).toBe('used');
    now += 1;
    expect(remember('later')).toBe('new');
  });

  it('a flood with proofs dated ahead does not make the key forget', () => {
    expect(remember('first')).toBe('new');
    for (let count = 0; count < 20; count++) remember(`flood ${count}`, { iat: now + 60 });
    expect(remember('first')).toBe('used');
  });

  it('no key takes the room of another', () => {
    expect(remember('mine')).toBe('new');
    for (let count = 0; count < 50; count++) remember(`flood ${count}`, { key: 'thief', iat: now + count });
    expect(remember('mine')).toBe('used');
    expect(remember('mine too')).toBe('new');
  });

  it('is full rather than forgetful, until time has passed', () => {
    for (let count = 0; count < 10; count++) expect(remember('a', { key: `key ${count}` })).toBe('new');
    expect(remember('a', { key: 'key 10' })).toBe('full');
    expect(remember('a', { key: 'key 0' })).toBe('used');
    now += 301;
    expect(remember('a', { key: 'key 10' })).toBe('new');
  });
});
