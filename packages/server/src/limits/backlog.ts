/**
 * Works off what waits in the store to be sent somewhere: claimed a few at a time, each tried, and by then dropped or
 * due again later. Receivers that are slow hold up nobody but those who wait for the same one.
 */

export interface BacklogSettings<Item> {
  /** How many are under way. */
  readonly atOnce: number;
  /** How many to one receiver; the next of its own are claimed when all of these are over. */
  readonly atOnceToOne: number;
  /** What is sent to it stands behind each other; absent: everything goes to a receiver of its own. */
  readonly receiverOf?: (item: Item) => string;
  /** Sends it, and notes what came of it. */
  readonly attempt: (item: Item) => Promise<Attempt>;
}

/** `busy`: the receiver can take no more for now, and this one has not been tried. */
export type Attempt = 'over' | 'busy';

/**
 * @param limit how many at most
 * @param except receivers for which there is no room
 * @returns what is due, claimed so that nobody else tries it
 */
export type Claim<Item> = (limit: number, except: readonly string[]) => Promise<readonly Item[]>;

export interface Backlog<Item> {
  /**
   * Tries what is due, and soon returns, though some may still be under way. One run at a time; a second call meanwhile
   * does nothing.
   * @returns how many were tried
   * @throws what `claim` or an attempt throws: what was claimed is due again once its claim is over
   */
  workOff(claim: Claim<Item>): Promise<number>;
  /** Claims nothing any more. */
  stop(): void;
}

/** What takes longer goes on by itself: a run is not to last as long as the slowest receiver. */
const PATIENCE_MS = 5000;
/** In one run; the next one follows soon. */
const MOST_IN_A_RUN = 500;

export function createBacklog<Item>(settings: BacklogSettings<Item>): Backlog<Item> {
  const { atOnce, atOnceToOne, receiverOf, attempt } = settings;
  /** Ends with each; of whoever receives it, where that is known. */
  const underWay = new Map<Promise<void>, string | undefined>();
  let running = false;
  let stopped = false;

  const tried = async (item: Item, receiver: string | undefined, run: Run): Promise<void> => {
    try {
      const outcome = await attempt(item);
      if (outcome === 'busy' && receiver !== undefined) run.busy.add(receiver);
    } catch (error) {
      run.errors.push(error);
    }
  };
  const begin = (item: Item, run: Run): void => {
    const receiver = receiverOf?.(item);
    const trying = tried(item, receiver, run).finally(() => underWay.delete(trying));
    underWay.set(trying, receiver);
    run.begun.push(trying);
  };
  const withoutRoom = ({ busy }: Run): readonly string[] => [
    ...new Set([...busy, ...underWay.values()].filter((receiver) => receiver !== undefined)),
  ];
  /** @returns whether anything can still come of this run */
  const goOn = async (claim: Claim<Item>, run: Run): Promise<boolean> => {
    if (stopped || run.errors.length > 0 || run.begun.length >= MOST_IN_A_RUN) return false;
    const limit = Math.min(atOnce - underWay.size, atOnceToOne);
    if (limit > 0) {
      const except = withoutRoom(run);
      const items = await claim(limit, except);
      for (const item of items) begin(item, run);
      if (items.length === limit) return true;
      if (except.length === 0) return false;
    }
    // When one of these is over, somebody may have room again.
    return underWay.size > 0 && within(PATIENCE_MS, Promise.race(underWay.keys()));
  };
  return {
    async workOff(claim) {
      if (running) return 0;
      running = true;
      const run: Run = { begun: [], busy: new Set(), errors: [] };
      try {
        // oxlint-disable-next-line no-await-in-loop -- a few at a time
        while (await goOn(claim, run));
        await within(PATIENCE_MS, Promise.all(run.begun));
      } finally {
        running = false;
      }
      if (run.errors.length > 0) throw run.errors[0];
      return run.begun.length;
    },
    stop: () => {
      stopped = true;
    },
  };
}

interface Run {
  readonly begun: Promise<void>[];
  /** Receivers that can take no more until the next run. */
  readonly busy: Set<string>;
  readonly errors: unknown[];
}

/** @returns whether the work was done before the time was over */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
