/** Which proxies may ask, and how each of them asks. */
import { createTrustedPeers } from '@tessera/verifier';
import type { GatewayConfig } from '../config/schema.ts';

type ForwardAuth = NonNullable<GatewayConfig['forward_auth']>;
export type Dialect = ForwardAuth['proxies'][number]['dialect'];

export interface AskedBy {
  /** Where they ask; Envoy puts the path of the request behind it. */
  readonly path: string;
  isQuestion(path: string): boolean;
  /** @returns undefined for an address that is none of theirs */
  dialectOf(address: string): Dialect | undefined;
}

export function createAskedBy({ path, proxies }: ForwardAuth): AskedBy {
  const known = proxies.map(({ dialect, addresses }) => ({ dialect, is: createTrustedPeers(addresses) }));
  return {
    path,
    isQuestion: (asked) => asked === path || asked.startsWith(`${path}/`),
    dialectOf: (address) => known.find(({ is }) => is(address))?.dialect,
  };
}
