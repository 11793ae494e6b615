/** Refuses a share of tokens, drawn by lot; what was drawn stays refused. @spec CTA-5007-B §4.6.7 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatClaim, ClaimContext, Verdict } from '../claim.ts';
import { isJsonList, toHex } from '../json-value.ts';
import type { BlockList } from '../stores.ts';
import { isList, isUint, readSeconds } from '../read-value.ts';

interface Lot {
  /** From 0, never refused, to 1, always. */
  readonly probability: number;
  /** What is refused from then on: bytes as hexadecimal digits. */
  readonly id: string;
  readonly rawId: CborValue;
  /** Seconds: until when; for ever where the claim names no end. */
  readonly until: number | undefined;
}

export const catpor: CatClaim<Lot> = {
  name: 'catpor',
  label: 309,
  section: '4.6.7',
  support: 'may',
  says: 'With which probability the token is refused, and under which identifier it then stays refused, until when',
  read: readLot,
  acceptable: (lot, { memory, nowMs }) => {
    const { blocks, draw } = memory;
    if (blocks === undefined || draw === undefined) return 'claim_unsupported';
    const isBlocked = blocks.isBlocked(lot.id);
    return isBlocked instanceof Promise
      ? isBlocked.then((answer) => decide(answer, lot, blocks, draw, nowMs))
      : decide(isBlocked, lot, blocks, draw, nowMs);
  },
  presented: (context) => presentedOf(context),
  toJson: ({ probability, rawId, until }) => [
    probability,
    rawId instanceof Uint8Array ? { hex: toHex(rawId) } : (rawId as string | number),
    ...(until === undefined ? [] : [until]),
  ],
  fromJson: (json) => {
    if (!isJsonList(json) || json.length < 2 || json.length > 3) return undefined;
    return json.every((each) => typeof each === 'number' || typeof each === 'string') ? json : undefined;
  },
};

function decide(
  isBlocked: unknown,
  { probability, id, until }: Lot,
  blocks: BlockList,
  draw: () => number,
  nowMs: number,
): Verdict | Promise<Verdict> {
  if (isBlocked !== false) return 'blocked';
  if (draw() >= probability) return undefined;
  const end = until === undefined ? Infinity : until * 1000;
  // An end that has passed leaves nothing to remember; the draw counts all the same.
  const blocked = end > nowMs ? blocks.block(id, end) : undefined;
  return blocked instanceof Promise ? blocked.then((): Verdict => 'drawn') : 'drawn';
}

function presentedOf({ memory }: ClaimContext): string {
  return memory.blocks === undefined ? 'no block list' : 'a block list';
}

function readLot(value: CborValue): Lot | undefined {
  if (!isList(value) || value.length < 2 || value.length > 3) return undefined;
  const [probability, rawId, end] = value;
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) return undefined;
  const id = idOf(rawId);
  const until = end === undefined ? undefined : readSeconds(end);
  if (id === undefined || (value.length === 3 && until === undefined)) return undefined;
  return { probability, id, rawId, until };
}

/** Texts and bytes that look alike are two identifiers. */
function idOf(raw: CborValue): string | undefined {
  if (raw instanceof Uint8Array) return `bytes:${toHex(raw)}`;
  if (typeof raw === 'string') return `text:${raw}`;
  return isUint(raw) ? `number:${raw}` : undefined;
}
