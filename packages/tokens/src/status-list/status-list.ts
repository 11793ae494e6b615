/**
 * Status lists: the statuses of many tokens, one to eight bits each, in one compressed array of bytes.
 * @spec draft-ietf-oauth-status-list-15 §4.1, §7.1
 */
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { StatusListError } from './status-list-error.ts';

/** How many bits say the status of one token. */
export type StatusBits = 1 | 2 | 4 | 8;

export const STATUS_VALID = 0;
export const STATUS_INVALID = 1;
export const STATUS_SUSPENDED = 2;

const BITS: ReadonlySet<unknown> = new Set<StatusBits>([1, 2, 4, 8]);

export function isStatusBits(value: unknown): value is StatusBits {
  return BITS.has(value);
}

/** The statuses of tokens by their index. */
export class StatusList {
  readonly bits: StatusBits;
  /** How many tokens have an entry. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #perByte: number;
  readonly #mask: number;

  /** @param bytes as §4.1 packs them; not copied */
  constructor(bits: StatusBits, bytes: Uint8Array) {
    this.bits = bits;
    this.#bytes = bytes;
    this.#perByte = 8 / bits;
    this.#mask = 2 ** bits - 1;
    this.size = bytes.length * this.#perByte;
  }

  /** The status of one token. @throws StatusListError `out_of_bounds` */
  get(index: number): number {
    const byte = Number.isSafeInteger(index) ? this.#bytes[Math.floor(index / this.#perByte)] : undefined;
    if (byte === undefined) throw new StatusListError('out_of_bounds');
    // Within a byte the first entry stands in the lowest bits.
    return (byte >> ((index % this.#perByte) * this.bits)) & this.#mask;
  }

  /** @throws StatusListError `out_of_bounds` */
  set(index: number, status: number): void {
    this.get(index);
    const at = Math.floor(index / this.#perByte);
    const shift = (index % this.#perByte) * this.bits;
    this.#bytes[at] = ((this.#bytes[at] ?? 0) & ~(this.#mask << shift)) | ((status & this.#mask) << shift);
  }

  /** The array as it is sent: DEFLATE in the ZLIB format, as small as it gets. */
  compress(): Uint8Array {
    return deflateSync(this.#bytes, { level: constants.Z_BEST_COMPRESSION });
  }
}

/** A list of `size` tokens, all of them valid. @param size rounded up to whole bytes */
export function createStatusList(bits: StatusBits, size: number): StatusList {
  return new StatusList(bits, new Uint8Array(Math.ceil((size * bits) / 8)));
}

/**
 * @param maximumBytes how large the array may become; a small message could otherwise fill the memory
 * @throws StatusListError `malformed_list`, `too_large`
 */
export function decompressStatusList(
  bits: StatusBits,
  compressed: Uint8Array,
  maximumBytes: number,
): StatusList {
  return new StatusList(bits, inflate(compressed, maximumBytes));
}

function inflate(compressed: Uint8Array, maximumBytes: number): Uint8Array {
  let inflated: ReturnType<typeof inflateWithInfo>;
  try {
    inflated = inflateWithInfo(compressed, maximumBytes);
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new StatusListError(isTooLarge ? 'too_large' : 'malformed_list');
  }
  // Nothing may follow the stream: two readers could take the rest for two things.
  if (inflated.engine.bytesWritten !== compressed.length) throw new StatusListError('malformed_list');
  return inflated.buffer;
}

/** Node gives more than the bytes when it is asked for `info`, which its types do not say. */
function inflateWithInfo(
  compressed: Uint8Array,
  maxOutputLength: number,
): { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } } {
  const result: unknown = inflateSync(compressed, { maxOutputLength, info: true });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented for zlib's convenience methods
  return result as ReturnType<typeof inflateWithInfo>;
}
