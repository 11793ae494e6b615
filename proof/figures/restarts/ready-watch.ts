// What balancers do: they ask each node again and again whether it is ready, and send it requests as long as it is.
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { isReady } from '../../served.ts';

const EVERY_MS = 100;

export class ReadyWatch {
  /** The connections that are kept to each node. */
  readonly agents: ReadonlyMap<string, Agent>;
  readonly #ready = new Set<string>();
  #isOver = false;
  readonly #watching: Promise<unknown>;

  constructor(nodes: readonly string[]) {
    this.agents = new Map(nodes.map((node) => [node, new Agent({ keepAlive: true })]));
    this.#watching = Promise.all(nodes.map((node) => this.#watch(node)));
  }

  readonly takes = (node: string): boolean => this.#ready.has(node);

  /** @throws Error where it does not become so */
  async untilReady(node: string): Promise<void> {
    const begunAt = performance.now();
    while (!this.takes(node)) {
      if (performance.now() - begunAt > 60_000) throw new Error('a node does not become ready');
      // oxlint-disable-next-line no-await-in-loop -- looked at again and again
      await wait(EVERY_MS / 10);
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
    for (const agent of this.agents.values()) agent.destroy();
  }

  async #watch(node: string): Promise<void> {
    const port = Number(new URL(node).port);
    // oxlint-disable no-await-in-loop -- looked at again and again
    while (!this.#isOver) {
      if (await isReady(port)) this.#ready.add(node);
      else this.#leave(node);
      await wait(EVERY_MS);
    }
    // oxlint-enable no-await-in-loop
  }

  /** Nothing more is sent there; what is under way is waited for. */
  #leave(node: string): void {
    this.#ready.delete(node);
    const idle = Object.values(this.agents.get(node)?.freeSockets ?? {}).flatMap((sockets) => sockets ?? []);
    for (const socket of idle) socket.destroy();
  }
}
