// Apps that ask for what apps ask for, at a steady pace, and note whatever is not answered as it should be.
import { setTimeout as wait } from 'node:timers/promises';

/** One thing that an app does. @returns nothing, or what is wrong with the answer @throws TypeError without an answer */
export type Call = () => Promise<string | undefined>;

export class SteadyLoad {
  readonly #clients: readonly (readonly Call[])[];
  readonly #pauseMs: number;
  readonly #faults: string[] = [];
  #isOver = false;
  #working: Promise<unknown> = Promise.resolve();
  answered = 0;
  slowestMs = 0;

  /** @param clients each does its calls one after the other, again and again, with a pause after each */
  constructor(clients: readonly (readonly Call[])[], pauseMs: number) {
    this.#clients = clients;
    this.#pauseMs = pauseMs;
  }

  start(): void {
    this.#working = Promise.all(this.#clients.map((calls) => this.#live(calls)));
  }

  /** What went wrong since this was last asked. */
  takeFaults(): readonly string[] {
    return this.#faults.splice(0);
  }

  /** Resolves with the last answer. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#working;
  }

  async #live(calls: readonly Call[]): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const call = calls[turn % calls.length];
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      if (call !== undefined) await this.#try(call);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await wait(this.#pauseMs);
    }
  }

  async #try(call: Call): Promise<void> {
    const askedAt = performance.now();
    try {
      const fault = await call();
      this.slowestMs = Math.max(this.slowestMs, performance.now() - askedAt);
      if (fault === undefined) this.answered += 1;
      else this.#faults.push(fault);
    } catch (error) {
      // `fetch` says so when the connection is gone.
      if (!(error instanceof TypeError)) throw error;
      const { cause } = error;
      this.#faults.push(`no answer: ${cause instanceof Error ? cause.message : error.message}`);
    }
  }
}
