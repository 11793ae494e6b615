import { describe, expect, it } from 'vitest';
import { createRollingQuota } from './rolling-quota.ts';

describe('rolling quota', () => {
  const start = 1_700_000_000_000;

  function setUp(limit: number) {
    let now = start;
    const quota = createRollingQuota({ limit, windowMs: 30_000, clock: () => now });
    return { quota, moveTo: (milliseconds: number) => (now = start + milliseconds) };
  }

  it('refuses the call after the last allowed one, with whole seconds to wait', () => {
    const { quota, moveTo } = setUp(2);
    expect(quota.take('a')).toEqual({ allowed: true });
    moveTo(10_500);
    expect(quota.take('a')).toEqual({ allowed: true });
    expect(quota.take('a')).toEqual({ allowed: false, retryAfterSeconds: 20 });
  });

  it('lets a call pass exactly after the wait it named, and not a millisecond earlier than the window allows', () => {
    const { quota, moveTo } = setUp(1);
    quota.take('a');
    moveTo(1);
    expect(quota.take('a')).toEqual({ allowed: false, retryAfterSeconds: 30 });
    moveTo(29_999);
    expect(quota.take('a')).toEqual({ allowed: false, retryAfterSeconds: 1 });
    moveTo(30_000);
    expect(quota.take('a')).toEqual({ allowed: true });
  });

  it('rolls: never more than the limit in any 30 seconds', () => {
    const { quota, moveTo } = setUp(3);
    const allowed: number[] = [];
    for (let at = 0; at < 200_000; at += 700) {
      moveTo(at);
      if (quota.take('a').allowed) allowed.push(at);
    }
    for (const from of allowed) {
      expect(allowed.filter((at) => at >= from && at < from + 30_000).length).toBeLessThanOrEqual(3);
    }
    expect(allowed.length).toBeGreaterThan(15);
  });

  it('counts each app on its own', () => {
    const { quota } = setUp(1);
    expect(quota.take('a').allowed).toBe(true);
    expect(quota.take('b').allowed).toBe(true);
    expect(quota.take('a').allowed).toBe(false);
  });

  it('forgets idle apps but never one that is still counted', () => {
    const { quota, moveTo } = setUp(1);
    for (let app = 0; app < 1000; app += 1) quota.take(`app-${app}`);
    moveTo(29_000);
    quota.take('late');
    expect(quota.take('app-0').allowed).toBe(false);
    moveTo(30_000);
    expect(quota.take('new').allowed).toBe(true);
    expect(quota.take('late').allowed).toBe(false);
    expect(quota.take('app-0').allowed).toBe(true);
  });

  it('refuses to be built without a limit', () => {
    expect(() => setUp(0)).toThrow(RangeError);
  });
});
