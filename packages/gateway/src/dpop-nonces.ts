/**
 * Nonces for DPoP proofs: each gateway's own, made anew at each start, so that a proof is good at one gateway only.
 * @spec RFC 9449 §8, §9, §11.2
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DpopNonceSource } from '@tessera/verifier';

const PERIOD_MS = 120_000;

/** A nonce is good in the period it was given out in, and in the next. */
export function createDpopNonces(required: boolean, clock: () => number): DpopNonceSource {
  const key = randomBytes(32);
  const nonceOf = (period: number): string =>
    createHmac('sha256', key).update(String(period)).digest('base64url').slice(0, 32);
  return {
    required,
    current: () => nonceOf(Math.floor(clock() / PERIOD_MS)),
    isGood(nonce) {
      const period = Math.floor(clock() / PERIOD_MS);
      return [period, period - 1].some((one) => areEqual(nonce, nonceOf(one)));
    },
  };
}

function areEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
