import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../domain/duty.ts';
import { createDutyWatch } from './duty-watch.ts';

const NODE = { id: 'node_1', name: 'n1', version: '1', joinedAt: 0, seenAt: 0 };
const stateOf = (nodes: ClusterState['nodes']): ClusterState => ({
  nodes,
  duty: { number: 1, holder: NODE.id, takenAt: 0, leaseUntil: 5000 },
  now: 0,
});

describe('a node that reports', () => {
  it('joins anew when it was away for so long that it was forgotten', async () => {
    const asked: string[] = [];
    let known: ClusterState['nodes'] = [];
    const watch = createDutyWatch({
      cluster: {
        alone: false,
        join: async () => {
          asked.push('join');
          known = [NODE];
          return stateOf(known);
        },
        beat: async () => {
          asked.push('beat');
          return stateOf(known);
        },
        leave: () => Promise.resolve(),
        state: () => Promise.resolve(stateOf(known)),
        turns: () => Promise.resolve([]),
        acts: () => Promise.resolve([]),
        settings: () => Promise.resolve([]),
        noteAct: () => Promise.resolve(),
      },
      id: NODE.id,
      name: undefined,
      version: '1',
      times: { turnMs: 1000, leaseMs: 5000 },
      settings: undefined,
      monotonic: () => 0,
    });
    await watch.report();
    await watch.report();
    known = [];
    await watch.report();
    await watch.report();
    await watch.report();
    expect(asked).toEqual(['join', 'beat', 'beat', 'join', 'beat']);
  });
});
