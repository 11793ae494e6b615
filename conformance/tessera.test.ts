// Every check on Tessera. What does not apply is in not-applicable.json, with the reason.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES } from '../test/harness.ts';
import { CHECKS } from './checks/index.ts';
import { runCheck } from './harness/check.ts';
import { openTarget, type Target } from './harness/target.ts';
import notApplicable from './not-applicable.json' with { type: 'json' };
import { inOrder } from './results.ts';
import recorded from './results.json' with { type: 'json' };
import { type RunningTessera, startTessera } from './tessera/hooks.ts';

const REASONS: Readonly<Record<string, string>> = notApplicable;

describe.each(STORES)('Tessera on %s', (store) => {
  let tessera: RunningTessera;
  let target: Target;

  beforeAll(async () => {
    tessera = await startTessera(store);
    target = await openTarget({ hooks: tessera.hooks });
  });
  afterAll(() => tessera?.close());

  it.each(inOrder(CHECKS).map((check) => [check.id, check.title, check] as const))(
    '%s: %s',
    async (id, _title, check) => {
      const { outcome, note } = await runCheck(check, target);
      const expected = REASONS[id] === undefined ? 'passed' : 'not offered';
      expect(`${outcome}${outcome === expected ? '' : `: ${note}`}`).toBe(expected);
    },
  );
});

describe('the record of Tessera', () => {
  it('has ids that are not used twice, and a reason for each that does not apply', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    expect(Object.values(REASONS).filter((reason) => reason.length < 12)).toEqual([]);
  });

  it('is recorded with every check; `npm run conformance` writes it', () => {
    const ids = CHECKS.map(({ id }) => id).toSorted();
    expect(Object.keys(recorded.tessera).toSorted()).toEqual(ids);
    expect(Object.keys(recorded['oidc-provider']).toSorted()).toEqual(ids);
  });
});
