/**
 * Allowances: a bucket for each token or app that refills evenly. One number tells its state: the moment when it will be
 * full again.
 * @spec RFC 6585 §4; RFC 9110 §10.2.3
 */
import { hash } from 'node:crypto';
import type { AccessToken } from '@tessera/verifier';
import type { QuotaConfig } from '../config/route-schema.ts';
import { GatewayError } from '../refusal.ts';

/** @throws GatewayError `quota_exceeded` with the seconds to wait; then nothing is taken of any allowance */
export type TakeAllowance = (accessToken: AccessToken, token: string) => void;

/** Beyond it the one is forgotten that was used longest ago: whoever holds so many tokens gains nothing by it. */
const MAXIMUM_BUCKETS = 100_000;

export function createAllowances(
  quotas: readonly QuotaConfig[],
  clock: () => number,
): TakeAllowance | undefined {
  if (quotas.length === 0) return undefined;
  const buckets = quotas.map((quota) => ({ per: quota.per, bucket: createBuckets(quota) }));
  return (accessToken, token) => {
    const now = clock();
    let tokenKey: string | undefined;
    const wanted = buckets.map(({ per, bucket }) => {
      const key = per === 'client' ? accessToken.clientId : (tokenKey ??= hash('sha256', token, 'base64url'));
      return { bucket, key, waitMs: bucket.waitMs(key, now) };
    });
    const waitMs = Math.max(...wanted.map((one) => one.waitMs));
    if (waitMs > 0)
      throw new GatewayError('quota_exceeded', { 'retry-after': `${Math.ceil(waitMs / 1000)}` });
    for (const { bucket, key } of wanted) bucket.take(key, now);
  };
}

interface Buckets {
  /** Milliseconds until one more request fits; 0: now. */
  waitMs(key: string, now: number): number;
  take(key: string, now: number): void;
}

function createBuckets({ requests, seconds }: QuotaConfig): Buckets {
  const refillMs = (seconds * 1000) / requests;
  const emptyFor = seconds * 1000;
  /** When each is full again; in the order of their last use. */
  const fullAt = new Map<string, number>();
  return {
    waitMs(key, now) {
      // Later than this none is full, unless the clock was set back meanwhile.
      if ((fullAt.get(key) ?? now) > now + emptyFor) fullAt.set(key, now + emptyFor);
      const full = Math.max(fullAt.get(key) ?? now, now);
      return Math.max(0, full + refillMs - now - emptyFor);
    },
    take(key, now) {
      const full = Math.max(fullAt.get(key) ?? now, now) + refillMs;
      if (!fullAt.delete(key) && fullAt.size >= MAXIMUM_BUCKETS) forgetOldest(fullAt);
      fullAt.set(key, full);
    },
  };
}

function forgetOldest(buckets: Map<string, number>): void {
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
