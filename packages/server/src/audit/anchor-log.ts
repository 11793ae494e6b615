/** Seals where the chains are, and lets go of what is older than it has to be kept. */
import type { AuditAnchor, ChainPlace } from '../domain/audit-chain.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import { placesText, sealAnchor } from './anchor.ts';

export interface AnchorLog {
  readonly chain: AuditChain;
  readonly key: Uint8Array;
}

/**
 * Adds an anchor if anything was linked since the last. Any number of nodes may try: one of them does.
 * @param at milliseconds
 */
export async function anchorLog({ chain, key }: AnchorLog, at: number): Promise<AuditAnchor | undefined> {
  const previous = await chain.newestAnchor();
  const next = await anchorAfter(previous, chain, at);
  if (placesText(next.heads) === placesText(previous?.heads ?? [])) return undefined;
  const anchor = sealAnchor(key, next);
  return (await chain.addAnchor(anchor)) ? anchor : undefined;
}

/**
 * Deletes events from before a time, once an anchor says up to where each chain is gone.
 * @param before milliseconds
 * @param at milliseconds
 * @returns how many events went
 */
export async function pruneLog({ chain, key }: AnchorLog, before: number, at: number): Promise<number> {
  const previous = await chain.newestAnchor();
  const places = await chain.placesBefore(before);
  if (places.length > 0) {
    const next = await anchorAfter(previous, chain, at);
    const anchor = sealAnchor(key, {
      ...next,
      floors: merged(next.floors, places),
      prunedBefore: Math.max(before, next.prunedBefore),
    });
    if (!(await chain.addAnchor(anchor))) return 0;
  }
  return chain.prune();
}

async function anchorAfter(previous: AuditAnchor | undefined, chain: AuditChain, at: number) {
  const floors = previous?.floors ?? [];
  return {
    number: (previous?.number ?? 0) + 1,
    at,
    // A chain whose links are all pruned goes on where they ended.
    heads: merged(floors, await chain.heads()),
    floors,
    prunedBefore: previous?.prunedBefore ?? 0,
    previous: previous?.seal ?? new Uint8Array(),
  };
}

/** Of each chain the later of two places. */
function merged(some: readonly ChainPlace[], others: readonly ChainPlace[]): readonly ChainPlace[] {
  const latest = new Map<number, ChainPlace>();
  for (const place of [...some, ...others]) {
    if (place.position >= (latest.get(place.chain)?.position ?? 0)) latest.set(place.chain, place);
  }
  return [...latest.values()];
}
