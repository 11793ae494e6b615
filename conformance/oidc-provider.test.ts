// The peer, where it has the feature. Where it differs from a check, that is its result and no failure of ours.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from './checks/index.ts';
import { runCheck } from './harness/check.ts';
import { openTarget, type Target } from './harness/target.ts';
import { type RunningPeer, startOidcProvider } from './peers/oidc-provider.ts';
import { inOrder } from './results.ts';
import recorded from './results.json' with { type: 'json' };

const RECORDED: Readonly<Record<string, string>> = recorded['oidc-provider'];

describe('oidc-provider', () => {
  let peer: RunningPeer;
  let target: Target;

  beforeAll(async () => {
    peer = await startOidcProvider();
    target = await openTarget({ hooks: peer.hooks });
  });
  afterAll(() => peer?.close());

  it('does what is recorded of it, check by check', async () => {
    const changed: string[] = [];
    for (const check of inOrder(CHECKS)) {
      // oxlint-disable-next-line no-await-in-loop -- they share a server
      const { id, outcome, note } = await runCheck(check, target);
      if (outcome !== RECORDED[id]) changed.push(`${id}: ${outcome}, recorded as ${RECORDED[id]} (${note})`);
      expect(`${id} ${outcome}: ${note}`).not.toMatch(/^\S+ broken: /);
    }
    expect(changed).toEqual([]);
  });

  it('passes most of what it offers, so that the checks are no picture of Tessera alone', () => {
    const outcomes = Object.values(RECORDED);
    const passed = outcomes.filter((outcome) => outcome === 'passed').length;
    const differs = outcomes.filter((outcome) => outcome === 'failed').length;
    expect(passed / (passed + differs)).toBeGreaterThan(0.85);
  });
});
