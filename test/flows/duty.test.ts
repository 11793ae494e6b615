// The duty goes from node to node, survives those that hold it, and never has two holders (S16).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterState, DutyTurn } from '../../packages/server/src/domain/duty.ts';
import { adminToken } from '../admin-calls.ts';
import { STORES, startTestServer, type TestProcess, type TestServer } from '../harness.ts';
import { read } from '../oauth-calls.ts';

// A lease that a busy machine does not outlast by itself.
const CONFIG = { duty_turn: 1, duty_lease: 5 };
const PATIENCE = { timeout: 30_000, interval: 100 };

interface ClusterAnswer {
  readonly nodes: readonly { readonly name: string; readonly status: string; readonly on_duty: boolean }[];
  readonly duty: { readonly number: number; readonly passes_in?: number };
  readonly turns: readonly { readonly number: number; readonly how: string }[];
}

async function clusterOf(server: TestServer, base = server.base): Promise<ClusterAnswer> {
  const headers = { authorization: `Bearer ${await adminToken(server)}` };
  const answer = await read(await fetch(`${base}/admin/v1/cluster`, { headers }));
  expect(answer.status).toBe(200);
  return answer.body as unknown as ClusterAnswer;
}

describe.each(STORES)('a node alone on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store, config: CONFIG });
  });
  afterAll(() => server?.close());

  it('is on duty, and does not pass it on', async () => {
    await expect
      .poll(async () => (await clusterOf(server)).nodes.filter((node) => node.on_duty).length, PATIENCE)
      .toBe(1);
    const { nodes, duty } = await clusterOf(server);
    expect(nodes).toMatchObject([{ name: 'n1', status: 'live', on_duty: true }]);
    expect(duty).not.toHaveProperty('passes_in');
  });

  it('is asked by administrators only', async () => {
    expect((await fetch(`${server.base}/admin/v1/cluster`)).status).toBe(401);
  });
});

describe('three processes on one PostgreSQL', () => {
  let server: TestServer;
  let processes: TestProcess[];
  const state = (): Promise<ClusterState> => server.tessera.store.cluster.state();
  const turns = (): Promise<readonly DutyTurn[]> => server.tessera.store.cluster.turns(1000);

  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres', config: { ...CONFIG, node_name: 'here' } });
    processes = [
      await server.addProcess({ ...CONFIG, node_name: 'first' }),
      await server.addProcess({ ...CONFIG, node_name: 'second' }),
    ];
  });
  afterAll(() => server?.close());

  async function waitFor(name: string): Promise<ClusterState> {
    let found: ClusterState | undefined;
    await expect
      .poll(async () => {
        found = await state();
        return found.nodes.find(({ id }) => id === found?.duty.holder)?.name;
      }, PATIENCE)
      .toBe(name);
    return found!;
  }

  it('pass the duty round in the order in which they joined', async () => {
    await expect.poll(async () => (await state()).nodes.length, PATIENCE).toBe(3);
    const { number } = (await state()).duty;
    await expect.poll(async () => (await state()).duty.number, PATIENCE).toBeGreaterThan(number + 4);
    const holders = (await turns())
      .filter((turn) => turn.number > number && turn.how === 'passed')
      .toSorted((a, b) => a.number - b.number)
      .map(({ nodeName }) => nodeName);
    const circle = ['here', 'first', 'second'];
    const start = circle.indexOf(holders[0] ?? '');
    expect(holders).toEqual(holders.map((_, index) => circle[(start + index) % 3]));
  });

  it('take it from a holder that was frozen, whose late work is refused', async () => {
    const { duty } = await waitFor('first');
    processes[0]?.freeze();
    try {
      await expect
        .poll(async () => (await turns()).find((turn) => turn.number > duty.number)?.how, PATIENCE)
        .toBeDefined();
      await waitFor('second');
    } finally {
      processes[0]?.thaw();
    }
    const fence = { number: duty.number, holder: duty.holder };
    await expect(server.tessera.store.onDuty(fence).maintenance.purge(0, 0)).rejects.toThrow(
      'another node is on duty',
    );
    // It is one of them again, and gets its turn.
    await waitFor('first');
  });

  it('go on without a holder that was killed: taken once, by the next', async () => {
    const { duty } = await waitFor('second');
    await processes[1]?.kill();
    await expect.poll(async () => (await state()).duty.number, PATIENCE).toBeGreaterThan(duty.number);
    const after = (await turns()).filter((turn) => turn.number > duty.number);
    const next = after.find((turn) => turn.number === duty.number + 1);
    // It may have passed the duty on in the moment of its end.
    expect(['here', 'first']).toContain(next?.nodeName);
    await expect
      .poll(
        async () => (await clusterOf(server)).nodes.find(({ name }) => name === 'second')?.status,
        PATIENCE,
      )
      .toBe('silent');
    const since = (await state()).duty.number;
    await expect.poll(async () => (await state()).duty.number, PATIENCE).toBeGreaterThan(since + 2);
    const holders = (await turns()).filter((turn) => turn.number > since).map(({ nodeName }) => nodeName);
    expect(holders).not.toContain('second');
    expect(new Set((await turns()).map(({ number }) => number)).size).toBe((await turns()).length);
  });
});
