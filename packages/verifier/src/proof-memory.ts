/**
 * Remembers the proofs that one process has accepted, until they are too old to be used again. What is remembered is
 * never dropped for something newer: where a key sends more than there is room for, older proofs of that key stop
 * being accepted at all, so that none of them can be repeated. No key takes room from another one.
 * @spec RFC 9449 §11.1
 */
import { hash } from 'node:crypto';
import type { DpopProof } from '@tessera/tokens';
import type { Clock } from './clock.ts';

export interface ProofMemory {
  /**
   * To be asked only for proofs that are otherwise good, with an access token that is good.
   * @returns `used` for one that was seen before, or that may have been; `full` when nothing more can be remembered
   */
  remember(proof: DpopProof): 'new' | 'used' | 'full';
}

export interface ProofMemoryLimits {
  /** Of one key. */
  readonly proofsOfKey: number;
  /** Of all keys together: filling it takes more good requests in six minutes than one process can check. */
  readonly proofs: number;
}

const USUAL_LIMITS: ProofMemoryLimits = { proofsOfKey: 20_000, proofs: 1_000_000 };
/** How often keys are looked through for what is too old by now, in milliseconds. */
const SWEEP_MS = 10_000;

interface ProofsOfKey {
  /** Hashes of `jti` by the second in which the proof was made. */
  readonly bySecond: Map<number, Set<string>>;
  size: number;
  /** Proofs made in this second or before are refused, remembered or not. */
  forgotten: number;
  /** Milliseconds: from then on every proof that was refused or remembered here is too old anyway. */
  freshUntil: number;
}

export function createProofMemory(clock: Clock, limits: ProofMemoryLimits = USUAL_LIMITS): ProofMemory {
  const keys = new Map<string, ProofsOfKey>();
  let total = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const forget = (of: ProofsOfKey, second: number): void => {
    const size = of.bySecond.get(second)?.size ?? 0;
    of.bySecond.delete(second);
    of.size -= size;
    total -= size;
    of.forgotten = Math.max(of.forgotten, second);
  };
  const sweep = (age: number): void => {
    const now = clock();
    if (now - sweptAt < SWEEP_MS) return;
    sweptAt = now;
    for (const [thumbprint, of] of keys) {
      for (const second of of.bySecond.keys()) if (second * 1000 + age <= now) forget(of, second);
      if (of.freshUntil <= now) keys.delete(thumbprint);
    }
  };

  return {
    remember({ thumbprint, jti, iat, freshUntil }) {
      sweep(freshUntil - iat * 1000);
      const of = keys.get(thumbprint) ?? newProofs();
      if (iat <= of.forgotten) return 'used';
      const proof = hash('sha256', jti, 'base64url');
      if (of.bySecond.get(iat)?.has(proof) === true) return 'used';
      if (of.size >= limits.proofsOfKey) {
        forget(of, Math.min(...of.bySecond.keys()));
        if (iat <= of.forgotten) return 'used';
      }
      if (total >= limits.proofs) return 'full';
      keys.set(thumbprint, of);
      const ofSecond = of.bySecond.get(iat) ?? new Set();
      of.bySecond.set(iat, ofSecond.add(proof));
      of.size += 1;
      of.freshUntil = Math.max(of.freshUntil, freshUntil);
      total += 1;
      return 'new';
    },
  };
}

function newProofs(): ProofsOfKey {
  return { bySecond: new Map(), size: 0, forgotten: Number.NEGATIVE_INFINITY, freshUntil: 0 };
}
