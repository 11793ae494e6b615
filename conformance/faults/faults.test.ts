// No check is empty: for each there is a planted fault that makes it fail, and not for another reason.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../checks/index.ts';
import { runCheck } from '../harness/check.ts';
import { openTarget, type Target } from '../harness/target.ts';
import notApplicable from '../not-applicable.json' with { type: 'json' };
import { inOrder } from '../results.ts';
import { type RunningTessera, startTessera } from '../tessera/hooks.ts';
import caughtBy from './caught-by.json' with { type: 'json' };
import { FAULTS, plant } from './index.ts';

const FAULT_OF: Readonly<Record<string, string>> = caughtBy;
const applicable = inOrder(CHECKS).filter(({ id }) => !(id in notApplicable));

describe('a planted fault', () => {
  let tessera: RunningTessera;
  let good: Target;

  beforeAll(async () => {
    tessera = await startTessera();
    good = await openTarget({ hooks: tessera.hooks });
  });
  afterAll(() => tessera?.close());

  it('is named for every check that applies', () => {
    expect(applicable.filter(({ id }) => FAULT_OF[id] === undefined).map(({ id }) => id)).toEqual([]);
  });

  it.each(
    applicable.flatMap((check) =>
      FAULT_OF[check.id] === undefined ? [] : [[FAULT_OF[check.id], check.id, check] as const],
    ),
  )('%s makes %s fail', async (faultId, _id, check) => {
    const fault = FAULTS.find(({ id }) => id === faultId);
    expect(fault).toBeDefined();
    const { outcome, note } = await runCheck(check, await plant(fault!, good));
    expect(`${outcome}: ${note}`).toMatch(/^failed: /);
  });
});
