import { describe, expect, it } from 'vitest';
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import { accessToken } from '../contract/samples.ts';
import { createLiveTokens, type LiveTokens } from './live-tokens.ts';
import { lookupOf } from './lookup.ts';

/** A database that ends tokens when it is told to, and counts how often it is asked. */
function watched(capacity = 10): {
  readonly live: LiveTokens;
  readonly end: (lookup?: number) => void;
} {
  let tell: (lookup: number | undefined) => void = () => {};
  const live = createLiveTokens(
    {
      onTokenEnd: (ended) => {
        tell = ended;
      },
    },
    capacity,
  );
  return { live, end: (lookup) => tell(lookup) };
}

const state = (): AccessTokenState => ({ row: accessToken(undefined) });

/** How often the database was asked. */
async function reads(live: LiveTokens, of: AccessTokenState, times = 1): Promise<number> {
  let asked = 0;
  for (let index = 0; index < times; index += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const found = await live.find(of.row.id, async () => {
      asked += 1;
      return of;
    });
    expect(found).toEqual(of);
  }
  return asked;
}

describe('live tokens in memory', () => {
  it('keep nothing where other processes write', async () => {
    expect(await reads(createLiveTokens({}, 10), state(), 3)).toBe(3);
  });
  it('keep nothing that is unknown or has ended', async () => {
    const { live } = watched();
    expect(await reads(live, { ...state(), endedAt: 1 }, 3)).toBe(3);
    const { id } = state().row;
    expect(await live.find(id, async () => undefined)).toBeUndefined();
    expect(await live.find(id, async () => undefined)).toBeUndefined();
  });
  it('forget a token that may have ended, and all when it may be any', async () => {
    const { live, end } = watched();
    const [one, other] = [state(), state()];
    expect([await reads(live, one, 3), await reads(live, other, 3)]).toEqual([1, 1]);
    end(lookupOf(one.row.id));
    expect([await reads(live, one, 3), await reads(live, other, 3)]).toEqual([1, 0]);
    end();
    expect([await reads(live, one, 3), await reads(live, other, 3)]).toEqual([1, 1]);
  });
  it('do not keep what was read before a token ended', async () => {
    const { live, end } = watched();
    const one = state();
    await live.find(one.row.id, async () => {
      end(lookupOf(one.row.id));
      return one;
    });
    expect(await reads(live, one)).toBe(1);
  });
  it('tell tokens of the same lookup apart', async () => {
    const { live } = watched();
    const one = state();
    const alike = { row: { ...one.row, id: one.row.id.map((byte, index) => (index < 6 ? byte : byte ^ 1)) } };
    expect(await reads(live, one)).toBe(1);
    expect(await reads(live, alike)).toBe(1);
  });
  it('are no more than allowed: the one kept longest goes', async () => {
    const { live } = watched(2);
    const [one, two, three] = [state(), state(), state()];
    expect([await reads(live, one), await reads(live, two), await reads(live, three)]).toEqual([1, 1, 1]);
    expect([await reads(live, three), await reads(live, two), await reads(live, one)]).toEqual([0, 0, 1]);
  });
});
