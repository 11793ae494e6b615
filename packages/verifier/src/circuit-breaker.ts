/**
 * Stops asking what does not answer: after some failures in a row nobody waits for the next one. From time to time one
 * request is let through to see whether it is over.
 * @spec RFC 7662 §4 (what to do without an answer is the caller's to say)
 */
import type { Clock } from './clock.ts';

export interface CircuitBreaker {
  /** @returns what `ask` gives; rejects as it does, or at once while nobody is let through */
  run<Answer>(ask: () => Promise<Answer>): Promise<Answer>;
}

const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 2000;

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let isProbing = false;
  return {
    async run(ask) {
      const isProbe = failures >= FAILURES_IN_A_ROW;
      const sinceFailure = clock() - failedAt;
      // Less than nothing: the clock has been set back.
      if (isProbe && (isProbing || (sinceFailure >= 0 && sinceFailure < OPEN_MS)))
        throw new Error('not asked: it failed too often in a row');
      isProbing ||= isProbe;
      try {
        const answer = await ask();
        failures = 0;
        return answer;
      } catch (error) {
        failures++;
        failedAt = clock();
        throw error;
      } finally {
        if (isProbe) isProbing = false;
      }
    },
  };
}
