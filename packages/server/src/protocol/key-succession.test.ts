import { describe, expect, it } from 'vitest';
import { PUBLISH_AHEAD_MS, RETIRE_AFTER_MS, successionAfter } from './key-succession.ts';

const NOW = 1_000_000_000;
const DAY = 24 * 3600_000;
const retiring = { kid: 'retiring', activeFrom: NOW - 90 * DAY, retiresAt: NOW + DAY };
const active = { kid: 'active', activeFrom: NOW - DAY };
const ending = { ...active, retiresAt: NOW + DAY };
const next = { kid: 'next', activeFrom: NOW + 60_000 };

describe('once a key is taken back', () => {
  it('a new one signs at once where none is left', () => {
    expect(successionAfter([active], 'active', NOW)).toEqual({ kind: 'new', activeFrom: NOW });
    // One that ends soon verifies only: it must not sign again.
    expect(successionAfter([retiring, active], 'active', NOW)).toEqual({ kind: 'new', activeFrom: NOW });
  });
  it('the one that was announced signs at once', () => {
    expect(successionAfter([ending, next], 'active', NOW)).toEqual({ kind: 'promote', kid: 'next' });
  });
  it('who signs goes on where the next one goes, until another can follow', () => {
    expect(successionAfter([ending, next], 'next', NOW)).toEqual({
      kind: 'announce',
      activeFrom: NOW + PUBLISH_AHEAD_MS,
      signing: { kid: 'active', retiresAt: NOW + PUBLISH_AHEAD_MS + RETIRE_AFTER_MS },
    });
  });
  it('nothing changes where it only verified', () => {
    expect(successionAfter([retiring, active], 'retiring', NOW)).toEqual({ kind: 'none' });
    expect(successionAfter([retiring, ending, next], 'retiring', NOW)).toEqual({ kind: 'none' });
  });
  it('a new one signs at once where only a key to come was there', () => {
    expect(successionAfter([next], 'next', NOW)).toEqual({ kind: 'new', activeFrom: NOW });
  });
});
