/** A new client secret: the string for its one showing, and what is kept of it. */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import type { ClientSecret } from '../domain/client.ts';

const HINT_LENGTH = 4;

/** So many may be good at the same time; rotation needs two. */
export const MAX_SECRETS = 10;

export interface NewSecret {
  readonly value: string;
  readonly kept: ClientSecret;
}

/** @param expiresAt milliseconds */
export function newClientSecret(at: number, expiresAt: number | undefined, random: Random): NewSecret {
  const value = createTokenString('cs', random);
  return {
    value,
    kept: {
      id: `sec_${Buffer.from(random(16)).toString('base64url')}`,
      hash: hashTokenString(value),
      hint: value.slice(-HINT_LENGTH),
      createdAt: at,
      ...(expiresAt !== undefined && { expiresAt }),
    },
  };
}
