/** How often an app may call: at most `limit` calls in any `windowMs`, counted app by app. The clock is an argument. */
export interface RollingQuota {
  /** Counts one call, or says how many whole seconds to wait so that the next one passes. A refused call is not counted. */
  take(
    appId: string,
  ): { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };
}

export interface RollingQuotaOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly clock: () => number;
}

interface Calls {
  /** The times of the last `limit` calls, as a ring: the next call overwrites the oldest. */
  readonly times: Float64Array;
  next: number;
  latest: number;
}

const APPS_BEFORE_SWEEP = 1000;

export function createRollingQuota({ limit, windowMs, clock }: RollingQuotaOptions): RollingQuota {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError('A quota is a whole number of calls, at least 1');
  const apps = new Map<string, Calls>();

  return {
    take(appId) {
      const now = clock();
      if (apps.size >= APPS_BEFORE_SWEEP && !apps.has(appId)) forgetIdleApps(apps, now - windowMs);
      const calls = apps.get(appId) ?? {
        times: new Float64Array(limit).fill(-Infinity),
        next: 0,
        latest: now,
      };
      const free = (calls.times[calls.next] ?? -Infinity) + windowMs;
      if (now < free) return { allowed: false, retryAfterSeconds: Math.ceil((free - now) / 1000) };
      calls.times[calls.next] = now;
      calls.next = (calls.next + 1) % limit;
      calls.latest = now;
      apps.set(appId, calls);
      return { allowed: true };
    },
  };
}

function forgetIdleApps(apps: Map<string, Calls>, before: number): void {
  for (const [appId, calls] of apps) {
    if (calls.latest <= before) apps.delete(appId);
  }
}
