/**
 * Refresh tokens: who gets one, how long a family and a leaf live.
 * @spec RFC 6749 §1.5 and §6, RFC 9700 §4.14
 */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import type { Confirmation } from '../domain/confirmation.ts';
import type { Client } from '../domain/client.ts';
import type { Grant } from '../domain/grant.ts';
import type { RefreshFamily, RefreshToken } from '../domain/refresh-token.ts';

export interface RefreshTokenSettings {
  /** An unused leaf ends after this. */
  readonly idleLifetimeSeconds: number;
  /** The family ends after this, whatever happens in between. */
  readonly absoluteLifetimeSeconds: number;
  /** A sign-in counts for so long, and no token is renewed by an older one; absent: until the family ends. */
  readonly signInFrequencySeconds?: number | undefined;
  /** How long a rotation is repeated to whoever lost its answer. */
  readonly graceSeconds: number;
}

/** Whether the client is due a refresh token: it registered the grant. */
export function isDueRefreshToken(client: Client): boolean {
  return client.grantTypes.includes('refresh_token');
}

export interface IssuedRefreshToken {
  readonly token: string;
  readonly leaf: RefreshToken;
}

/** A new leaf of a family; its idle end never passes the family's end. */
export function issueRefreshToken(
  family: Pick<RefreshFamily, 'id' | 'expiresAt'>,
  at: number,
  settings: RefreshTokenSettings,
  random: Random,
): IssuedRefreshToken {
  const token = createTokenString('rt', random);
  return {
    token,
    leaf: {
      hash: hashTokenString(token),
      familyId: family.id,
      createdAt: at,
      expiresAt: idleEnd(family, at, settings),
    },
  };
}

/** When a leaf that is used now would end if it were never used again. */
export function idleEnd(
  family: Pick<RefreshFamily, 'expiresAt'>,
  at: number,
  settings: RefreshTokenSettings,
): number {
  return Math.min(family.expiresAt, at + settings.idleLifetimeSeconds * 1000);
}

/**
 * The family of a new grant.
 * @param confirmation the key of a public client, which has nothing else to prove itself with (RFC 9449 §5)
 */
export function startRefreshFamily(
  grant: Grant,
  at: number,
  settings: RefreshTokenSettings,
  random: Random,
  confirmation?: Confirmation,
): RefreshFamily {
  return {
    id: `rtf_${Buffer.from(random(16)).toString('base64url')}`,
    grantId: grant.id,
    clientId: grant.clientId,
    createdAt: at,
    expiresAt: at + settings.absoluteLifetimeSeconds * 1000,
    ...(confirmation === undefined ? {} : { confirmation }),
  };
}
