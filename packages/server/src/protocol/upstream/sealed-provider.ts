/** What is kept of providers and must be used again: their secrets, and the tokens they gave; all of it sealed. */
import { open, type Random, seal, type SealingKey } from '@tessera/tokens';
import type { IdentityProvider, UpstreamIdentity } from '../../domain/identity-provider.ts';
import type { KnownProvider, UpstreamTokens } from './provider-client.ts';

export interface UpstreamSeals {
  sealSecret(providerId: string, secret: string): Uint8Array;
  /** @throws Error where it was sealed under another master key */
  known(provider: IdentityProvider): KnownProvider;
  sealTokens(identity: Pick<UpstreamIdentity, 'providerId' | 'subject'>, tokens: UpstreamTokens): Uint8Array;
  /** Undefined where there are none, or they were sealed for somebody else or under another key. */
  openTokens(identity: UpstreamIdentity): UpstreamTokens | undefined;
}

/** @param key 32 bytes */
export function createUpstreamSeals(key: SealingKey, random: Random): UpstreamSeals {
  return {
    sealSecret: (providerId, secret) =>
      seal(key, Buffer.from(secret, 'utf8'), providerSecretContext(providerId), random),
    known(provider) {
      const { id, sealedSecret } = provider;
      if (sealedSecret === undefined) return { ...provider, secret: undefined };
      const opened = open(key, sealedSecret, providerSecretContext(id));
      if (opened === undefined) throw new Error('the secret of the provider was sealed with another key');
      return { ...provider, secret: Buffer.from(opened).toString('utf8') };
    },
    sealTokens: (identity, tokens) =>
      seal(key, Buffer.from(JSON.stringify(tokens), 'utf8'), upstreamTokensContext(identity), random),
    openTokens(identity) {
      if (identity.sealedTokens === undefined) return undefined;
      const opened = open(key, identity.sealedTokens, upstreamTokensContext(identity));
      if (opened === undefined) return undefined;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sealed by this program, and authenticated
      return JSON.parse(Buffer.from(opened).toString('utf8')) as UpstreamTokens;
    },
  };
}

/** What the box of a provider's secret is bound to. */
export function providerSecretContext(providerId: string): string {
  return `identity-provider ${providerId}`;
}

/** What the box of somebody's tokens is bound to. */
export function upstreamTokensContext({
  providerId,
  subject,
}: Pick<UpstreamIdentity, 'providerId' | 'subject'>): string {
  return `upstream-tokens ${providerId} ${subject}`;
}
