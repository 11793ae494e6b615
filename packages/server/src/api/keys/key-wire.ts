/** A signing key as the admin API shows it: its public half and where it stands in its life. */
import { type Static, Type } from '../../schema/type.ts';
import { SIGNING_ALGS } from '../../domain/resource.ts';
import type { SigningKey } from '../../domain/signing-key.ts';
import { signingAt } from '../../protocol/key-succession.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export const KeyAlg = Type.Enum([...SIGNING_ALGS]);

export const KeySchema = Type.Object(
  {
    kid: Type.String(),
    alg: KeyAlg,
    state: Type.Enum(['next', 'active', 'retiring'], {
      description: 'next: published, signs later; active: signs; retiring: verifies what it signed',
    }),
    created_at: Seconds('When it was made'),
    active_from: Seconds('From when it signs'),
    retires_at: Type.Optional(Seconds('When it leaves the published set')),
    public_jwk: Type.Record(Type.String(), Type.String(), { description: 'RFC 7517' }),
  },
  { title: 'SigningKey' },
);

export const KeyList = Type.Object({ items: Type.Array(KeySchema) }, { title: 'SigningKeys' });

type KeyState = 'next' | 'active' | 'retiring';

/** Where a key stands at `now`, among all keys of its algorithm. */
function keyState(key: SigningKey, keys: readonly SigningKey[], now: number): KeyState {
  const published = keys.filter((other) => other.alg === key.alg && (other.retiresAt ?? Infinity) > now);
  // One that was overtaken before its time does not sign when it comes.
  if (signingAt(published, Math.max(now, key.activeFrom))?.kid !== key.kid) return 'retiring';
  return key.activeFrom > now ? 'next' : 'active';
}

export function toKeyWire(
  key: SigningKey,
  keys: readonly SigningKey[],
  now: number,
): Static<typeof KeySchema> {
  return {
    kid: key.kid,
    alg: key.alg,
    state: keyState(key, keys, now),
    created_at: toSeconds(key.createdAt),
    active_from: toSeconds(key.activeFrom),
    ...(key.retiresAt !== undefined && { retires_at: toSeconds(key.retiresAt) }),
    public_jwk: { ...key.publicJwk },
  };
}
