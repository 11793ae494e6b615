/**
 * Hands out places in the status lists: from a block that is this node's alone, in random order, so that neighbours in
 * a list say nothing about who got their tokens one after the other.
 * @spec draft-ietf-oauth-status-list-15 §12.5.1, §13.3
 */
import { STATUS_BLOCK_LIFE_MS, STATUS_BLOCK_SIZE } from '../domain/status-list.ts';
import type { Random } from '../ports/random.ts';
import type { Statuses } from '../ports/statuses.ts';

export interface StatusIndexes {
  /**
   * An index that nobody else ever gets; at once, but for the very first and where the next block is late.
   * @param at milliseconds
   */
  take(at: number): number | Promise<number>;
}

/** With so few left, the next block is reserved. */
const LOW_WATER = STATUS_BLOCK_SIZE / 4;

interface Block {
  readonly base: number;
  /** Offsets, in the order in which they are handed out: from the end. */
  readonly offsets: Uint16Array;
  left: number;
  readonly until: number;
}

export function createStatusIndexes(statuses: Pick<Statuses, 'reserveBlock'>, random: Random): StatusIndexes {
  return new BlockIndexes(statuses, random);
}

class BlockIndexes implements StatusIndexes {
  readonly #statuses: Pick<Statuses, 'reserveBlock'>;
  readonly #random: Random;
  #block: Block | undefined;
  #spare: Block | undefined;
  #reserving: Promise<void> | undefined;

  constructor(statuses: Pick<Statuses, 'reserveBlock'>, random: Random) {
    this.#statuses = statuses;
    this.#random = random;
  }

  take(at: number): number | Promise<number> {
    return this.#takeNow(at) ?? this.#takeLater(at);
  }

  #takeNow(at: number): number | undefined {
    if (!isUsable(this.#block, at)) {
      this.#block = this.#spare;
      this.#spare = undefined;
    }
    const block = this.#block;
    if (!isUsable(block, at)) return undefined;
    block.left -= 1;
    // Whoever needs it and finds it missing hears why.
    if (block.left < LOW_WATER && this.#spare === undefined) this.#reserve(at).catch(() => {});
    return block.base + (block.offsets[block.left] ?? 0);
  }

  async #takeLater(at: number): Promise<number> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- others may have used up the block by the time it is here
      await this.#reserve(at);
      const index = this.#takeNow(at);
      if (index !== undefined) return index;
    }
  }

  #reserve(at: number): Promise<void> {
    this.#reserving ??= this.#reserveBlock(at).finally(() => {
      this.#reserving = undefined;
    });
    return this.#reserving;
  }

  async #reserveBlock(at: number): Promise<void> {
    const number = await this.#statuses.reserveBlock(at);
    this.#spare = {
      base: (number - 1) * STATUS_BLOCK_SIZE,
      offsets: shuffled(this.#random),
      left: STATUS_BLOCK_SIZE,
      until: at + STATUS_BLOCK_LIFE_MS,
    };
  }
}

function isUsable(block: Block | undefined, at: number): block is Block {
  return block !== undefined && block.left > 0 && at < block.until;
}

/** Every offset once (Fisher and Yates). */
function shuffled(random: Random): Uint16Array {
  const offsets = Uint16Array.from({ length: STATUS_BLOCK_SIZE }, (_, index) => index);
  const bytes = random(4 * STATUS_BLOCK_SIZE);
  const draws = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = STATUS_BLOCK_SIZE - 1; index > 0; index -= 1) {
    // 32 bits for at most 4096 values: no value is likelier than another by more than a millionth.
    const other = draws.getUint32(4 * index) % (index + 1);
    const kept = offsets[index] ?? 0;
    offsets[index] = offsets[other] ?? 0;
    offsets[other] = kept;
  }
  return offsets;
}
