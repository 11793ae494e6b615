import { TOKEN_PARTITION_MS, type TokenPartition } from '../token-partition.ts';

/**
 * Which partition most living access tokens lie in: that of what expires today, in UTC. Asked by its own name it costs
 * one look into one index; asked for by a range of times PostgreSQL may read all of the range first, as long as it
 * does not know how full the partition is.
 */
export interface LikelyPartition {
  /** Nothing while it is not known: it is found out meanwhile. */
  name(): string | undefined;
  /** It is not there any more. */
  forget(): void;
}

const ASK_AGAIN_AFTER_MS = 1000;

/** @param now milliseconds since the epoch */
export function createLikelyPartition(
  list: () => Promise<readonly TokenPartition[]>,
  now: () => number = Date.now,
): LikelyPartition {
  let known: TokenPartition | undefined;
  let knownFor = -1;
  let askAt = -Infinity;

  async function ask(at: number): Promise<void> {
    const partitions = await list();
    knownFor = Math.floor(at / TOKEN_PARTITION_MS);
    known = partitions.find(({ from = -Infinity, below }) => below !== undefined && from <= at && at < below);
  }
  return {
    name() {
      const at = now();
      if (Math.floor(at / TOKEN_PARTITION_MS) === knownFor) return known?.name;
      if (at < askAt) return undefined;
      askAt = at + ASK_AGAIN_AFTER_MS;
      // While it is not known all of them are asked, and that tells what is wrong.
      void ask(at).catch(() => undefined);
      return undefined;
    },
    forget() {
      knownFor = -1;
    },
  };
}
