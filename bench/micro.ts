/**
 * Two ways to do the same, side by side in one process: short turns one after the other, measured in processor time,
 * so that whatever else the machine does meets both alike.
 */
import type { Options } from './options.ts';
import { answerCalls, startProgram } from './program.ts';
import { perSecond, type Result, type Row, times } from './row.ts';
import { spreadOf } from './statistics.ts';

/** A row of the table. */
export interface MicroRow {
  readonly name: string;
  /** A module that ends in `answerContests`. */
  readonly program: URL;
  /** Names of two of its contestants. */
  readonly ours: string;
  readonly peer: string;
  /** What the ratio has to reach. */
  readonly atLeast?: number;
}

/** What is done again and again, each time with the next number; a promise is waited for. It throws when it goes wrong. */
export type Operation = (count: number) => unknown;

interface Contest {
  readonly ours: string;
  readonly peer: string;
  readonly seconds: number;
}

interface Rates {
  /** Operations in a second of processor time, all threads of the process together. */
  readonly ours: number;
  readonly peer: number;
  /** How much longer the peer's caller waits: tells more where a peer works on other threads, and depends on the neighbours. */
  readonly elapsedRatio: number;
}

const TURN_MS = 100;
/** Operations between two looks at the clock. */
const BATCH = 16;

export function microRow({ name, program, ours, peer, atLeast }: MicroRow): Row {
  return {
    name,
    async measure({ runs, seconds }: Options): Promise<Result> {
      const asked: Contest = { ours, peer, seconds };
      const started = startProgram(program);
      try {
        const rounds: Rates[] = [];
        // oxlint-disable-next-line no-await-in-loop -- rounds must not disturb each other
        for (let round = 0; round <= runs; round++) rounds.push(await started.call<Rates>('contest', asked));
        return toResult(rounds.slice(1), atLeast);
      } finally {
        await started.stop();
      }
    },
  };
}

/** @param rounds without the first, which warmed things up */
function toResult(rounds: readonly Rates[], atLeast: number | undefined): Result {
  const figures = {
    ours: spreadOf(rounds.map((each) => each.ours)),
    peer: spreadOf(rounds.map((each) => each.peer)),
    ratio: spreadOf(rounds.map((each) => each.ours / each.peer)),
    elapsedRatio: spreadOf(rounds.map((each) => each.elapsedRatio)),
  };
  return {
    ours: perSecond(figures.ours.median),
    peer: perSecond(figures.peer.median),
    ratio: times(figures.ratio),
    ...(atLeast === undefined ? {} : { target: `≥ ${atLeast}×`, met: figures.ratio.median >= atLeast }),
    figures,
  };
}

/** Ends a program: its contestants, by name. */
export function answerContests(contestants: Readonly<Record<string, Operation>>): void {
  const find = (name: string): Operation => {
    const operation = contestants[name];
    if (operation === undefined) throw new Error(`there is no ${name}`);
    return operation;
  };
  answerCalls({
    contest: ({ ours, peer, seconds }: Contest) => inTurns(find(ours), find(peer), seconds),
  });
}

async function inTurns(ours: Operation, peer: Operation, seconds: number): Promise<Rates> {
  const sums: [Sum, Sum] = [newSum(ours), newSum(peer)];
  const turns = Math.ceil((seconds * 1000) / (2 * TURN_MS));
  for (let turn = 0; turn < turns; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- in turns
    for (const sum of sums) await takeTurn(sum);
  }
  const [ofOurs, ofPeer] = sums;
  return {
    ours: (ofOurs.count * 1e6) / ofOurs.microseconds,
    peer: (ofPeer.count * 1e6) / ofPeer.microseconds,
    elapsedRatio: ofOurs.count / ofOurs.elapsed / (ofPeer.count / ofPeer.elapsed),
  };
}

interface Sum {
  readonly operation: Operation;
  count: number;
  /** Of processor time. */
  microseconds: number;
  /** Milliseconds on the clock. */
  elapsed: number;
}

function newSum(operation: Operation): Sum {
  return { operation, count: 0, microseconds: 0, elapsed: 0 };
}

async function takeTurn(sum: Sum): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  while (performance.now() < startedAt + TURN_MS) {
    for (let index = 0; index < BATCH; index++) {
      const done = sum.operation(sum.count++);
      // oxlint-disable-next-line no-await-in-loop -- one after another
      if (done instanceof Promise) await done;
    }
  }
  const { user, system } = process.cpuUsage(before);
  sum.microseconds += user + system;
  sum.elapsed += performance.now() - startedAt;
}
