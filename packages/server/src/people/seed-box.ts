/** Seeds of authenticator apps, sealed under the master key: they are needed again, so a hash would not do. */
import { open, type Random, seal, type SealingKey } from '@tessera/tokens';

interface Whose {
  readonly id: string;
  readonly userId: string;
}

/** Bound to its app and owner: a row copied to somebody else opens nothing. */
export function sealSeed(seed: Uint8Array, whose: Whose, key: SealingKey, random: Random): Uint8Array {
  return seal(key, seed, seedContext(whose), random);
}

/** Undefined when it was sealed for another app, or under another master key. */
export function openSeed(
  app: Whose & { readonly sealedSeed: Uint8Array },
  key: SealingKey,
): Uint8Array | undefined {
  return open(key, app.sealedSeed, seedContext(app));
}

/** What the box is bound to. */
export function seedContext({ id, userId }: Whose): string {
  return `authenticator-app ${userId} ${id}`;
}
