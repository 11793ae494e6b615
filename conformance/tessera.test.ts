// Every check on Tessera. What does not apply is in not-applicable.json, with the reason.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from './checks/index.ts';
import { runCheck } from './harness/check.ts';
import { openTarget, type Target } from './harness/target.ts';
import notApplicable from './not-applicable.json' with { type: 'json' };
import { type RunningTessera, startTessera } from './tessera/hooks.ts';

const REASONS: Readonly<Record<string, string>> = notApplicable;
const inOrder = CHECKS.toSorted(
  (one, other) => Number(one.needs.includes('clock')) - Number(other.needs.includes('clock')),
);

describe('Tessera', () => {
  let tessera: RunningTessera;
  let target: Target;

  beforeAll(async () => {
    tessera = await startTessera();
    target = await openTarget({ hooks: tessera.hooks });
  });
  afterAll(() => tessera?.close());

  it.each(inOrder.map((check) => [check.id, check.title, check] as const))(
    '%s: %s',
    async (id, _title, check) => {
      const { outcome, note } = await runCheck(check, target);
      const expected = REASONS[id] === undefined ? 'passed' : 'not offered';
      expect(`${outcome}${outcome === expected ? '' : `: ${note}`}`).toBe(expected);
    },
  );
});
