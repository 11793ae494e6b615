/** The load generator, in a process of its own. A wrong answer ends the run with an error. */
import { answerCalls } from '../program.ts';
import { signAssertions } from '../servers/signer.ts';
import { type Answer, type Connection, openConnection, wrongAnswer } from './connection.ts';
import { type FlowLoad, runFlows } from './flows.ts';
import type { Load, LoadResult } from './load.ts';
import { makeProofs, type Proofs } from './proofs.ts';

/** More than any server answers; what is missing would be made during the run. */
const PROOFS_A_SECOND = 8000;

class Run {
  readonly #load: Load;
  readonly #head: string;
  readonly #latencies: number[] = [];
  readonly #collected: string[] = [];
  readonly #wrong: Error[] = [];
  readonly #bodies: readonly string[];
  readonly #proofs: Proofs | undefined;
  readonly #bearers: readonly string[] | undefined;
  #next = 0;
  #started = 0;
  #sent = 0;
  #lastAnswerAt = 0;

  constructor(load: Load) {
    this.#load = load;
    const { asserted } = load;
    this.#bodies =
      asserted === undefined
        ? load.bodies
        : signAssertions(asserted.audience, asserted.perSecond * (load.seconds ?? 1)).map(
            (one) => asserted.prefix + one,
          );
    const headers = {
      host: `127.0.0.1:${load.port}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...load.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const { proofsFor, seconds = 0, answers = 0 } = load;
    this.#proofs =
      proofsFor === undefined
        ? undefined
        : makeProofs(proofsFor, Math.max(answers, seconds * PROOFS_A_SECOND));
    this.#bearers = load.bearers?.map((token) => `authorization: Bearer ${token}\r\n`);
    this.#head = `${load.method ?? 'POST'} ${load.path} HTTP/1.1\r\n${lines.join('')}content-length: `;
  }

  async measure(): Promise<LoadResult> {
    const loops = await Promise.all(Array.from({ length: this.#load.connections }, () => this.#open()));
    this.#started = performance.now();
    await Promise.all(loops.map((loop) => loop()));
    const [wrong] = this.#wrong;
    if (wrong !== undefined) throw wrong;
    const seconds = (this.#lastAnswerAt - this.#started) / 1000;
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    return {
      answers: sorted.length,
      answersPerSecond: sorted.length / seconds,
      p50: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      collected: this.#collected,
    };
  }

  /** Opens one connection; the function it gives asks over it, one request after another, until the run is over. */
  async #open(): Promise<() => Promise<void>> {
    let sentAt = 0;
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const ask = (body: string): void => {
      this.#sent++;
      sentAt = performance.now();
      const proof = this.#proofs === undefined ? '' : `dpop: ${this.#proofs.next()}\r\n`;
      const bearer = this.#bearers?.[this.#sent % this.#bearers.length] ?? '';
      connection.send(`${this.#head}${body.length}\r\n${proof}${bearer}\r\n${body}`);
    };
    const fail = (error: Error): void => {
      this.#wrong.push(error);
      finish();
    };
    const connection: Connection = await openConnection(
      this.#load.port,
      (received) => {
        try {
          const answer = this.#checked(received);
          this.#lastAnswerAt = performance.now();
          this.#latencies.push(this.#lastAnswerAt - sentAt);
          if (this.#isOver()) finish();
          else ask(this.#bodyAfter(answer));
        } catch (error) {
          fail(error as Error);
        }
      },
      fail,
    );
    return async () => {
      ask(this.#freshBody());
      await done;
      connection.close();
    };
  }

  #checked(received: Answer): Readonly<Record<string, unknown>> {
    if (received.status !== 200) throw wrongAnswer(received);
    const text = received.body;
    const answer = JSON.parse(text) as Record<string, unknown>;
    const { member, value } = this.#load.expected;
    const found = answer[member];
    if (value === undefined ? typeof found !== 'string' || found === '' : found !== value) {
      throw new Error(`an answer without the expected ${member}: ${text}`);
    }
    if (this.#load.collect === true) this.#collected.push(String(found));
    return answer;
  }

  #isOver(): boolean {
    const { seconds = Infinity, asserted } = this.#load;
    const { answers = asserted === undefined ? Infinity : this.#bodies.length } = this.#load;
    return (
      this.#wrong.length > 0 || this.#sent >= answers || this.#lastAnswerAt - this.#started >= seconds * 1000
    );
  }

  #bodyAfter(answer: Readonly<Record<string, unknown>>): string {
    const { chain } = this.#load;
    return chain === undefined ? this.#freshBody() : `${chain.prefix}${String(answer[chain.member])}`;
  }

  #freshBody(): string {
    return this.#bodies[this.#next++ % this.#bodies.length] ?? '';
  }
}

answerCalls({ load: (load: Load) => new Run(load).measure(), flows: (load: FlowLoad) => runFlows(load) });
