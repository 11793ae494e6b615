/** Seeds of authenticator apps, sealed under the master key: they are needed again, so a hash would not do. */
import { open, type Random, seal } from '@tessera/tokens';

interface Whose {
  readonly id: string;
  readonly userId: string;
}

/** Bound to its app and owner: a row copied to somebody else opens nothing. */
export function sealSeed(seed: Uint8Array, whose: Whose, key: Uint8Array, random: Random): Uint8Array {
  return seal(key, seed, contextOf(whose), random);
}

/** Undefined when it was sealed for another app, or under another master key. */
export function openSeed(
  app: Whose & { readonly sealedSeed: Uint8Array },
  key: Uint8Array,
): Uint8Array | undefined {
  return open(key, app.sealedSeed, contextOf(app));
}

function contextOf({ id, userId }: Whose): string {
  return `authenticator-app ${userId} ${id}`;
}
