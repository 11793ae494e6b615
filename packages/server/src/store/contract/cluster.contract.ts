import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterState } from '../../domain/duty.ts';
import type { DutyTimes } from '../../ports/cluster.ts';
import type { Store } from '../../ports/store.ts';
import { NotOnDuty } from '../../ports/store-errors.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';

/** A turn that is never over, and a lease that lasts for the test. */
const LONG: DutyTimes = { turnMs: 3_600_000, leaseMs: 3_600_000 };
/** A turn that is over at once. */
const TURN_OVER: DutyTimes = { turnMs: 0, leaseMs: 3_600_000 };
/** A holder counts as gone at once. */
const LAPSED: DutyTimes = { turnMs: 3_600_000, leaseMs: 1 };

const VERSION = '1.2.3';

const nameOf = ({ nodes }: ClusterState, id: string): string | undefined =>
  nodes.find((node) => node.id === id)?.name;

const soon = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 5);
  });

/** Who is on duty: one node at a time, decided by the database. */
export function clusterContract(engine: Engine): void {
  describe('the duty', () => {
    let store: Store;
    let otherNode: Store;
    withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

    let round = 0;
    beforeEach(async () => {
      round += 1;
      // Whoever was left by the test before is gone.
      const { nodes } = await store.cluster.state();
      await Promise.all(nodes.map(({ id }) => store.cluster.leave(id, LONG)));
    });

    const join = (name: string, times = LONG, on = store): Promise<ClusterState> =>
      on.cluster.join({ id: `${name}-${round}`, version: VERSION, times });
    const id = (name: string): string => `${name}-${round}`;

    it('is with the first that joins, under a number that was never given before', async () => {
      const before = await store.cluster.state();
      const state = await join('a');
      expect(state.duty).toMatchObject({ holder: id('a'), number: before.duty.number + 1 });
      const again = await store.cluster.beat(id('a'), LONG);
      expect(again.duty).toMatchObject({ holder: id('a'), number: state.duty.number });
      expect((await store.cluster.turns(1))[0]).toMatchObject({ number: state.duty.number, nodeId: id('a') });
    });

    it('refuses every write of a fence that is not the newest', async () => {
      const { duty } = await join('a');
      const fence = { number: duty.number, holder: id('a') };
      const purge = () => store.onDuty(fence).maintenance.purge(0, 0);
      await expect(purge()).resolves.toEqual({ deleted: 0 });
      for (const wrong of [
        { ...fence, number: fence.number - 1 },
        { ...fence, number: fence.number + 1 },
        { ...fence, holder: id('b') },
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- each wrong fence on its own
        await expect(store.onDuty(wrong).maintenance.purge(0, 0)).rejects.toThrow(NotOnDuty);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await expect(store.cluster.noteAct(wrong, 'clean-up', 1)).rejects.toThrow(NotOnDuty);
      }
      await store.cluster.leave(id('a'), LONG);
      await expect(purge()).rejects.toThrow(NotOnDuty);
    });

    it('counts what was done', async () => {
      const { duty } = await join('a');
      const fence = { number: duty.number, holder: id('a') };
      const count = async (): Promise<number> =>
        (await store.cluster.acts()).find(({ chore }) => chore === 'clean-up')?.count ?? 0;
      const before = await count();
      await store.cluster.noteAct(fence, 'clean-up', 2);
      await store.cluster.noteAct(fence, 'clean-up', 3);
      expect(await count()).toBe(before + 5);
    });

    it('is let go by the last that leaves, and taken by the next that comes', async () => {
      const first = await join('a');
      await store.cluster.leave(id('a'), LONG);
      const next = await join('b');
      expect(next.duty).toMatchObject({ holder: id('b'), number: first.duty.number + 1 });
    });

    describe('with several nodes', () => {
      it('where only one can be, the newest has it', async () => {
        if (!store.cluster.alone) return;
        await join('a');
        const { duty, nodes } = await join('b');
        expect(duty.holder).toBe(id('b'));
        expect(nodes.find((node) => node.id === id('a'))?.leftAt).toBeDefined();
      });

      it('gives each a name of its own', async () => {
        if (store.cluster.alone) return;
        const names = ['a', 'b', 'c', 'd'];
        await Promise.all(names.map((name, index) => join(name, LONG, index % 2 === 0 ? store : otherNode)));
        const state = await store.cluster.state();
        const given = new Set(names.map((name) => nameOf(state, id(name))));
        expect(given).toEqual(new Set(['n1', 'n2', 'n3', 'n4']));
      });

      it('goes round in the order in which they joined', async () => {
        if (store.cluster.alone) return;
        await join('a');
        await join('b', LONG, otherNode);
        await join('c');
        const holders: string[] = [];
        for (let turn = 0; turn < 7; turn += 1) {
          // oxlint-disable-next-line no-await-in-loop -- one turn after the other
          const { duty } = await store.cluster.state();
          holders.push(duty.holder);
          // oxlint-disable-next-line no-await-in-loop -- as above
          await store.cluster.beat(duty.holder, TURN_OVER);
        }
        const circle = [id('a'), id('b'), id('c')];
        expect(holders).toEqual([...circle, ...circle, id('a')]);
      });

      it('stays where it is while others report', async () => {
        if (store.cluster.alone) return;
        const { duty } = await join('a');
        await join('b');
        await otherNode.cluster.beat(id('b'), TURN_OVER);
        expect((await store.cluster.state()).duty).toMatchObject({ holder: id('a'), number: duty.number });
      });

      it('is taken once from a holder that is gone, however many notice', async () => {
        if (store.cluster.alone) return;
        const { duty } = await join('a', LAPSED);
        await join('b', LONG, otherNode);
        await soon();
        const { duty: taken } = await store.cluster.state();
        // Whether the second that joined took it by that, or the beats below do: once.
        await Promise.all(
          Array.from({ length: 32 }, (_, index) =>
            (index % 2 === 0 ? store : otherNode).cluster.beat(id('b'), LONG),
          ),
        );
        const after = await store.cluster.state();
        expect(after.duty).toMatchObject({ holder: id('b'), number: duty.number + 1 });
        expect([duty.number, duty.number + 1]).toContain(taken.number);
        expect((await store.cluster.turns(1))[0]?.how).toBe('regenerated');
        const late = store.onDuty({ number: duty.number, holder: id('a') });
        await expect(late.maintenance.purge(0, 0)).rejects.toThrow(NotOnDuty);
      });

      it('waits for what its holder is writing', async () => {
        if (store.cluster.alone) return;
        const { duty } = await join('a');
        await join('b', LONG, otherNode);
        const fence = { number: duty.number, holder: id('a') };
        const acts = Array.from({ length: 16 }, () => store.cluster.noteAct(fence, 'race', 1));
        await store.cluster.beat(id('a'), TURN_OVER);
        const done = (await Promise.allSettled(acts)).filter(({ status }) => status === 'fulfilled').length;
        const counted = (await store.cluster.acts()).find(({ chore }) => chore === 'race');
        expect(counted?.count ?? 0).toBe(done);
        await expect(store.cluster.noteAct(fence, 'race', 1)).rejects.toThrow(NotOnDuty);
      });
    });
  });
}
