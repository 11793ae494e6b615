/**
 * Nonces for DPoP proofs. Each is a function of the time and of the master key, so that every node takes those of the
 * others and nothing is kept.
 * @spec RFC 9449 §8, §9, §11.3
 */
import { createHmac } from 'node:crypto';
import { deriveKeys, type SealingKey } from '@tessera/tokens';

/** One nonce is given out for so long; it is good for as long again. */
const SLOT_MS = 150_000;
const NONCE_BYTES = 18;

export interface DpopNonces {
  /** The nonce to give out. @param at milliseconds */
  current(at: number): string;
  /** Whether it was given out lately, by whatever node. @param at milliseconds */
  isGood(nonce: string, at: number): boolean;
}

/** @param masterKey what the key of the nonces is derived from */
export function createDpopNonces(masterKey: SealingKey): DpopNonces {
  const keys = [deriveKeys(masterKey, 'dpop-nonce')].flat();
  let known: { readonly slot: number; readonly nonce: string } | undefined;
  /** The first one is given out; each of them is taken. */
  const noncesOf = (slot: number): readonly string[] =>
    keys.map((key) =>
      createHmac('sha256', key).update(`${slot}`).digest().subarray(0, NONCE_BYTES).toString('base64url'),
    );
  return {
    current(at) {
      const slot = Math.floor(at / SLOT_MS);
      if (known?.slot !== slot) known = { slot, nonce: noncesOf(slot)[0] ?? '' };
      return known.nonce;
    },
    isGood(nonce, at) {
      if (nonce === this.current(at)) return true;
      const slot = Math.floor(at / SLOT_MS);
      // The one after this, too: the clock of another node may be ahead.
      return [slot, slot - 1, slot + 1].some((each) => noncesOf(each).includes(nonce));
    },
  };
}
