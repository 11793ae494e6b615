import { describe, expect, it } from 'vitest';
import type { Session } from '../domain/session.ts';
import type { Sessions } from '../ports/sessions.ts';
import { boundSessions, SIGHTING_DELAY_MS } from './session-ends.ts';

const AT = 1_800_000_000_000;
const HOUR = 3_600_000;
const KEPT: Session = {
  id: 'one',
  sid: 'sid',
  userId: 'usr_ada',
  authTime: AT,
  amr: ['pwd'],
  createdAt: AT,
  expiresAt: AT + 24 * HOUR,
};

/** A store with one session, and nodes on it that share a time. */
function house(lifetimes = { absoluteMs: 12 * HOUR, idleMs: HOUR }) {
  const time = { now: AT };
  let kept = KEPT;
  const store: Pick<Sessions, 'find' | 'listOf' | 'recordSeen'> = {
    find: async (id, now) => (id === kept.id && now < kept.expiresAt ? kept : undefined),
    listOf: async () => [kept],
    recordSeen: async (seen) => {
      for (const { at } of seen) kept = { ...kept, lastSeenAt: Math.max(at, kept.lastSeenAt ?? 0) };
    },
  };
  const node = () => boundSessions(store as Sessions, lifetimes, () => time.now);
  const find = async (at: number, on = first, unattended = false): Promise<Session | undefined> => {
    time.now = AT + at;
    return on.sessions.find('one', time.now, unattended);
  };
  const first = node();
  return { time, first, node, find };
}

describe('a session', () => {
  it('ends when nobody used it for so long', async () => {
    const { find } = house();
    expect(await find(HOUR + SIGHTING_DELAY_MS)).toBeUndefined();
    expect(await find(HOUR)).toMatchObject({ id: 'one' });
  });

  it('ends so long after the sign-in, however much it is used', async () => {
    const { find } = house();
    for (let minutes = 30; minutes < 720; minutes += 30) {
      // oxlint-disable-next-line no-await-in-loop -- time goes on
      expect(await find(minutes * 60_000)).toMatchObject({ expiresAt: AT + 12 * HOUR });
    }
    expect(await find(12 * HOUR - 1)).toBeDefined();
    expect(await find(12 * HOUR)).toBeUndefined();
  });

  it('that began under a longer setting ends by the one of now, and not later than it was told', async () => {
    expect(await house({ absoluteMs: HOUR, idleMs: 0 }).find(HOUR)).toBeUndefined();
    const { find } = house({ absoluteMs: 48 * HOUR, idleMs: 0 });
    expect(await find(24 * HOUR - 1)).toEqual({ ...KEPT, expiresAt: AT + 24 * HOUR });
    expect(await find(24 * HOUR)).toBeUndefined();
  });

  it('is not used by a page that nobody is at', async () => {
    const { find, first } = house();
    for (let minutes = 1; minutes <= 60; minutes++) {
      // oxlint-disable-next-line no-await-in-loop -- time goes on
      expect(await find(minutes * 60_000, first, true)).toMatchObject({ idleEndsAt: AT + HOUR });
    }
    expect(await find(HOUR + SIGHTING_DELAY_MS, first, true)).toBeUndefined();
  });

  it('is used wherever it is used: what one node has seen, the other knows within a minute', async () => {
    const { find, first, node } = house();
    const second = node();
    expect(await find(50 * 60_000, first)).toMatchObject({ idleEndsAt: AT + 110 * 60_000 });
    await first.writeDown();
    expect(await find(100 * 60_000, second)).toMatchObject({ idleEndsAt: AT + 160 * 60_000 });
    // Not written down yet: the first knows only its own.
    expect(await find(HOUR * 2, first)).toBeUndefined();
    await second.writeDown();
    expect(await find(HOUR * 2, first)).toBeDefined();
  });

  it('that is over is in no list', async () => {
    const { first, time } = house();
    time.now = AT + HOUR + SIGHTING_DELAY_MS;
    expect(await first.sessions.listOf('usr_ada', time.now)).toEqual([]);
    const [live] = await first.sessions.listOf('usr_ada', AT + HOUR);
    expect(live).toMatchObject({ expiresAt: AT + 12 * HOUR, idleEndsAt: AT + HOUR });
  });

  it('has no idle end where the setting says so', async () => {
    const { find } = house({ absoluteMs: 24 * HOUR, idleMs: 0 });
    const found = await find(24 * HOUR - 1);
    expect(found).toBeDefined();
    expect(found).not.toHaveProperty('idleEndsAt');
  });
});

describe('what was seen', () => {
  it('is written down a little at a time, and again where that failed', async () => {
    const written: number[] = [];
    let isAway = false;
    const store: Pick<Sessions, 'find' | 'recordSeen'> = {
      find: async (id) => ({ ...KEPT, id }),
      recordSeen: async (seen) => {
        if (isAway) throw new Error('away');
        written.push(seen.length);
        isAway = written.length === 2;
      },
    };
    const bound = boundSessions(store as Sessions, { absoluteMs: HOUR, idleMs: HOUR }, () => AT);
    await Promise.all(Array.from({ length: 1000 }, (_, index) => bound.sessions.find(`s${index}`, AT)));
    await expect(bound.writeDown()).rejects.toThrow('away');
    isAway = false;
    await bound.writeDown();
    expect(Math.max(...written)).toBeLessThanOrEqual(250);
    expect(written.reduce((sum, each) => sum + each)).toBe(1000);
  });
});
