/**
 * The provider's own token of a person, for an app that may have it: in whatever format it is. It is refreshed when it
 * needs to be, by one of all who ask at the same time, because a provider may take a refresh token once only.
 * @spec RFC 8693 §2.2.1
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { IdentityProvider, UpstreamIdentity } from '../../domain/identity-provider.ts';
import type { UpstreamIdentities } from '../../ports/upstream-identities.ts';
import type { ProviderClient, UpstreamTokens } from './provider-client.ts';
import type { UpstreamSeals } from './sealed-provider.ts';

export interface UpstreamTokenDependencies {
  readonly upstreamIdentities: UpstreamIdentities;
  readonly seals: UpstreamSeals;
  readonly providers: Pick<ProviderClient, 'refresh'>;
}

/** A token that is over before it arrives helps nobody. */
const LEFT_MS = 30_000;
const REFRESH_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** @param at milliseconds @returns undefined where nothing is kept, or the provider gives no more */
export async function freshUpstreamToken(
  provider: IdentityProvider,
  userId: string,
  at: number,
  dependencies: UpstreamTokenDependencies,
): Promise<UpstreamTokens | undefined> {
  const { upstreamIdentities, seals } = dependencies;
  for (let waited = 0; waited < REFRESH_MS; waited += LOOK_EVERY_MS) {
    // oxlint-disable-next-line no-await-in-loop -- somebody else refreshes: look again in a moment
    const identity = await identityAt(provider, userId, upstreamIdentities);
    const tokens = identity === undefined ? undefined : seals.openTokens(identity);
    if (identity === undefined || tokens === undefined) return undefined;
    if (tokens.expiresAt === undefined || tokens.expiresAt - LEFT_MS > at) return tokens;
    if (tokens.refreshToken === undefined) return undefined;
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (await upstreamIdentities.claimRefresh(identity, at + REFRESH_MS, at)) {
      return refreshed(provider, identity, tokens, dependencies);
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(LOOK_EVERY_MS);
  }
  return undefined;
}

async function identityAt(
  provider: IdentityProvider,
  userId: string,
  upstreamIdentities: UpstreamIdentities,
): Promise<UpstreamIdentity | undefined> {
  const all = await upstreamIdentities.ofUser(userId);
  return all.find((each) => each.providerId === provider.id);
}

async function refreshed(
  provider: IdentityProvider,
  identity: UpstreamIdentity,
  tokens: UpstreamTokens,
  { upstreamIdentities, seals, providers }: UpstreamTokenDependencies,
): Promise<UpstreamTokens | undefined> {
  let fresh: UpstreamTokens;
  try {
    fresh = await providers.refresh(seals.known(provider), tokens);
  } catch {
    return undefined;
  }
  const kept = await upstreamIdentities.keepTokens(identity, seals.sealTokens(identity, fresh));
  // The link ended meanwhile, and its tokens with it.
  return kept ? fresh : undefined;
}
