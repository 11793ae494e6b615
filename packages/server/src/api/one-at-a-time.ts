/** Runs tasks one after the other: what reads, decides and writes must not be interleaved with another such. */
export type OneAtATime = <Result>(task: () => Promise<Result>) => Promise<Result>;

export function createQueue(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task);
    // The next task waits for this one whether or not it succeeds; its outcome goes to its own caller.
    last = turn.catch(() => undefined);
    return turn;
  };
}
