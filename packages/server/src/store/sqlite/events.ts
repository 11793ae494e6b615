import type { DatabaseSync } from 'node:sqlite';

/** Tells, once a transaction is durable, that it added rows to the table of events. */
export interface EventWatch {
  /** To be called after each commit. */
  readonly committed: () => void;
  readonly onWritten: (wake: () => void) => () => void;
}

/** Whichever statement adds them: from a trigger that only this connection has. */
export function watchEvents(connection: DatabaseSync): EventWatch {
  const wakes = new Set<() => void>();
  let isWritten = false;
  connection.function('event_written', () => {
    isWritten = true;
    return null;
  });
  connection.exec(
    'CREATE TEMP TRIGGER event_written AFTER INSERT ON main.events BEGIN SELECT event_written(); END',
  );
  return {
    committed() {
      if (!isWritten) return;
      isWritten = false;
      // Never inside of the commit: whoever is woken reads, and may write.
      for (const wake of wakes) setImmediate(wake);
    },
    onWritten(wake) {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
  };
}
