import { StoreUnavailable } from '../../ports/store-errors.ts';

/** What a grouped commit needs of the one connection; every call is synchronous and may throw. */
export interface TransactionControl {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** False when an error has already ended the transaction. */
  inTransaction(): boolean;
  /** Whether an error says that the database cannot write now, rather than that this one write was refused. */
  isUnavailable(error: unknown): boolean;
}

export interface GroupedCommit {
  /**
   * Queues a write; all writes queued in one turn of the event loop share one transaction and one fsync.
   * @param run synchronous; may run twice, the first time being rolled back
   * @returns what `run` returned, once it is durable
   * @throws StoreUnavailable when the group could not begin or commit; then nothing of it was kept
   */
  submit<Result>(run: () => Result): Promise<Result>;
  /** Commits what is queued, at once; then takes no more. */
  close(): void;
}

interface Write {
  run(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * @param schedule calls its argument once, when this turn of the event loop is over
 * @param committed told how many writes shared a commit
 */
export function createGroupedCommit(
  control: TransactionControl,
  schedule: (flush: () => void) => void = setImmediate,
  committed: (writes: number) => void = () => {},
): GroupedCommit {
  let queue: Write[] = [];
  let closed = false;

  const flush = (): void => {
    const group = queue;
    queue = [];
    if (group.length > 0) commitGroup(control, group, committed);
  };

  return {
    submit<Result>(run: () => Result): Promise<Result> {
      if (closed) return Promise.reject(new StoreUnavailable('the database is closed'));
      return new Promise((resolve, reject) => {
        let result: Result;
        queue.push({
          run: () => {
            result = run();
          },
          resolve: () => resolve(result),
          reject,
        });
        if (queue.length === 1) schedule(flush);
      });
    },
    close() {
      closed = true;
      flush();
    },
  };
}

/** All writes in one transaction; if one of them fails, each in a transaction of its own. */
function commitGroup(
  control: TransactionControl,
  group: readonly Write[],
  committed: (writes: number) => void,
): void {
  const outcome = inTransaction(control, () => {
    for (const write of group) write.run();
  });
  if (outcome.kind === 'committed') {
    for (const write of group) write.resolve();
    committed(group.length);
  } else if (outcome.kind === 'unavailable') {
    for (const write of group) write.reject(outcome.error);
  } else if (group.length === 1) {
    for (const write of group) write.reject(outcome.error);
  } else {
    replay(control, group);
  }
}

function replay(control: TransactionControl, group: readonly Write[]): void {
  let unavailable: unknown;
  for (const write of group) {
    if (unavailable !== undefined) {
      write.reject(unavailable);
      continue;
    }
    const outcome = inTransaction(control, () => write.run());
    if (outcome.kind === 'committed') write.resolve();
    else write.reject(outcome.error);
    if (outcome.kind === 'unavailable') unavailable = outcome.error;
  }
}

type Outcome =
  | { readonly kind: 'committed' }
  /** A write was refused (a rule of the schema, an outcome of its own); the others have nothing to do with it. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** The database itself failed. */
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailable };

function inTransaction(control: TransactionControl, run: () => void): Outcome {
  try {
    control.begin();
  } catch (error) {
    return failed(control, error);
  }
  try {
    run();
  } catch (error) {
    // A full disk ends the transaction by itself; whatever ran before is gone with it.
    if (!control.inTransaction() || control.isUnavailable(error)) return failed(control, error);
    control.rollback();
    return { kind: 'refused', error };
  }
  try {
    control.commit();
  } catch (error) {
    return failed(control, error);
  }
  return { kind: 'committed' };
}

/** Leaves no transaction open, so that the next group starts clean. */
function failed(control: TransactionControl, cause: unknown): Outcome {
  try {
    if (control.inTransaction()) control.rollback();
  } catch {
    // The next BEGIN will tell.
  }
  return { kind: 'unavailable', error: new StoreUnavailable('the database cannot write now', { cause }) };
}
