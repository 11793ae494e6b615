/** Where statuses stand: every status index is in one list, and the lists are all of one size. */
export const STATUS_LIST_SIZE = 131_072;
/** Indexes are reserved so many at a time. */
export const STATUS_BLOCK_SIZE = 4096;

/** A block that is not used up is given up after this time: then it is known when the last of its tokens has expired. */
export const STATUS_BLOCK_LIFE_MS = 24 * 3600 * 1000;

const BLOCKS_PER_LIST = STATUS_LIST_SIZE / STATUS_BLOCK_SIZE;

/** The list that an index is in, and its place there. */
export function placeOf(statusIndex: number): { readonly list: number; readonly idx: number } {
  return { list: Math.floor(statusIndex / STATUS_LIST_SIZE), idx: statusIndex % STATUS_LIST_SIZE };
}

/** Blocks count from 1. */
export function listOfBlock(block: number): number {
  return Math.floor((block - 1) / BLOCKS_PER_LIST);
}

/** The address of a list, and the name by which tokens know it. */
export function statusListUri(issuer: string, list: number): string {
  return `${issuer}/status-lists/${list}`;
}
