// A check, and how checks are run.
import { CheckFailure } from './failure.ts';
import type { Feature } from './metadata.ts';
import { Target, withHeaders } from './target.ts';

export interface Check {
  readonly id: string;
  /** What must hold, in one line. */
  readonly title: string;
  /** Where the standard, or the known attack, says so. */
  readonly source: string;
  /** What the server must offer for the check to apply. */
  readonly needs: readonly Feature[];
  /** @throws CheckFailure */
  run(target: Target): Promise<void>;
}

export type Outcome = 'passed' | 'failed' | 'not offered' | 'broken';

export interface CheckResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** What was wrong, or which features are missing. */
  readonly note?: string;
}

const TIMEOUT_MS = 60_000;
let count = 0;

/** Runs one check. `broken`: the harness or the hooks threw, not the check. */
export async function runCheck(check: Check, target: Target): Promise<CheckResult> {
  const { id } = check;
  const missing = check.needs.filter((feature) => !target.has(feature));
  if (missing.length > 0) return { id, outcome: 'not offered', note: missing.join(', ') };
  try {
    await withinTime(check.run(ownView(target)));
    return { id, outcome: 'passed' };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { id, outcome: error instanceof CheckFailure ? 'failed' : 'broken', note };
  } finally {
    if (check.needs.includes('clock')) {
      await target.hooks.resetClock?.();
      // What had ended in the future may be gone for good.
      target.known.delete('session');
    }
  }
}

/** The same server, with the headers that the hooks want for each check. */
function ownView(target: Target): Target {
  const headers = target.hooks.headers?.(++count) ?? [];
  if (headers.length === 0) return target;
  return new Target(target.hooks, target.metadata, withHeaders(target.send, headers), target.known);
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CheckFailure(`No end after ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
