/** Who signs once a key is taken back: one pure function, asked inside of the transaction that takes it back. */
import type { SigningKey } from '../domain/signing-key.ts';

/** A new key is published this long before it signs, so that every verifier has fetched it by then. */
export const PUBLISH_AHEAD_MS = 10 * 60_000;
/** A retired key stays published until the longest-lived token it signed has expired. */
export const RETIRE_AFTER_MS = 25 * 3600_000;

type Term = Pick<SigningKey, 'activeFrom' | 'retiresAt'>;

/**
 * Whether of two keys of one algorithm, whose time to sign has come, the first one signs: it stays published longer,
 * because whatever has a successor that signs retires before it. One that was announced, and then followed by another
 * that signed at once, so never gets to sign.
 */
export function signsRatherThan(key: Term, other: Term): boolean {
  const end = key.retiresAt ?? Infinity;
  const otherEnd = other.retiresAt ?? Infinity;
  return end === otherEnd ? key.activeFrom >= other.activeFrom : end > otherEnd;
}

/** Of keys of one algorithm that are published the one that signs; undefined before the time of the first. */
export function signingAt<Key extends Term>(keys: readonly Key[], now: number): Key | undefined {
  return keys
    .filter((key) => key.activeFrom <= now)
    .reduce<Key | undefined>(
      (signing, key) => (signing === undefined || signsRatherThan(key, signing) ? key : signing),
      undefined,
    );
}

/** What becomes of the other keys of its algorithm. */
export type Succession =
  /** Another signs already, and goes on. */
  | { readonly kind: 'none' }
  /** The next one has been announced: it signs from now on. */
  | { readonly kind: 'promote'; readonly kid: string }
  /** None is left: a new one signs at once. */
  | { readonly kind: 'new'; readonly activeFrom: number }
  /** The next one goes: another is announced in its place, and who signs now goes on until then. */
  | {
      readonly kind: 'announce';
      readonly activeFrom: number;
      readonly signing: { readonly kid: string; readonly retiresAt: number };
    };

/** @param keys those of the algorithm that are published, the one that goes included */
export function successionAfter(
  keys: readonly Pick<SigningKey, 'kid' | 'activeFrom' | 'retiresAt'>[],
  kid: string,
  now: number,
): Succession {
  const gone = keys.find((key) => key.kid === kid);
  const others = keys.filter((key) => key.kid !== kid);
  const heir = others.findLast((key) => key.retiresAt === undefined);
  const signing = signingAt(others, now);
  if (heir !== undefined) {
    const wasSigning = gone !== undefined && signingAt(keys, now) === gone;
    return heir.activeFrom > now && (wasSigning || signing === undefined)
      ? { kind: 'promote', kid: heir.kid }
      : { kind: 'none' };
  }
  if (gone === undefined || gone.activeFrom <= now || signing === undefined)
    return { kind: 'new', activeFrom: now };
  const activeFrom = now + PUBLISH_AHEAD_MS;
  return {
    kind: 'announce',
    activeFrom,
    signing: { kid: signing.kid, retiresAt: activeFrom + RETIRE_AFTER_MS },
  };
}
