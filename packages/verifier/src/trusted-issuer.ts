/** An issuer that this API trusts, with the ways to ask it. Nothing is fetched before the first token that needs it. */
import { createDiscovery } from './discovery.ts';
import type { IssuerMetadata } from './discovery.ts';
import type { FetchLimits } from './fetch-json.ts';
import { createRemoteIntrospection } from './introspection-endpoint.ts';
import type { ClientCredentials, IntrospectionTimes } from './introspection-endpoint.ts';
import type { Introspect } from './introspection.ts';
import { createGivenKeys, createRemoteKeys } from './jwks.ts';
import type { KeySource } from './jwks.ts';
import type { IssuerOptions } from './verifier-options.ts';

export interface TrustedIssuer {
  readonly issuer: string;
  /** What tokens of this issuer must name as one of their audiences. */
  readonly audience: string;
  readonly keys: KeySource;
  /** Undefined where the API may not ask about opaque tokens. */
  readonly introspect: Introspect | undefined;
  readonly opaquePrefix: string;
  readonly credentials: ClientCredentials | undefined;
  discover(): Promise<IssuerMetadata>;
  /** Secrets as JWKs, for Common Access Tokens; unread until one arrives. */
  readonly symmetricKeys: readonly object[];
}

export const TESSERA_PREFIX = 'tsr_';

export function createTrustedIssuer(
  options: IssuerOptions,
  times: IntrospectionTimes,
  limits: FetchLimits,
): TrustedIssuer {
  const { issuer, audience, clientId, clientSecret, introspect, jwks, opaquePrefix, keys } = options;
  const { clock } = times;
  const discover = createDiscovery(issuer, clock, limits);
  const credentials =
    clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
  return {
    issuer,
    audience,
    keys: jwks === undefined ? createRemoteKeys(discover, clock, limits) : createGivenKeys(jwks),
    introspect:
      introspect ?? (credentials && createRemoteIntrospection(discover, credentials, limits, times)),
    opaquePrefix: opaquePrefix ?? TESSERA_PREFIX,
    credentials,
    discover,
    symmetricKeys: keys ?? [],
  };
}
