/**
 * The keys of trusted issuers: in place, or fetched from where the issuer publishes them. A key that is new there works
 * within half a minute; one that was taken away is forgotten within five.
 * @spec RFC 7517 §5, OpenID Connect Core §10.1.1
 */
import { importJwkSet, type VerificationKey, type VerificationKeySet } from '@tessera/tokens';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { Outbound } from '../../ports/outbound.ts';

export interface IssuerKeys {
  /** The one key that fits. @param at milliseconds */
  find(
    trusted: TrustedIssuer,
    kid: string | undefined,
    alg: string,
    at: number,
  ): Promise<VerificationKey | undefined>;
}

/** A `kid` that is not known costs the issuer at most one request in this time. */
const REFETCH_AFTER_MS = 30_000;
const FRESH_MS = 300_000;
/** So many key sets are remembered. */
const CAPACITY = 200;

interface Published {
  readonly keys: VerificationKeySet | undefined;
  readonly triedAt: number;
}

export function createIssuerKeys(outbound: Pick<Outbound, 'get'>): IssuerKeys {
  const published = new Map<string, Promise<Published>>();
  const fetched = (uri: string, at: number): Promise<Published> => {
    const fetching = fetchKeys(uri, at, outbound);
    published.delete(uri);
    published.set(uri, fetching);
    const [oldest] = published.keys();
    if (published.size > CAPACITY && oldest !== undefined) published.delete(oldest);
    return fetching;
  };
  return {
    async find({ jwks, jwksUri: uri }, kid, alg, at) {
      if (jwks !== undefined) return importJwkSet(jwks)?.find(kid, alg);
      if (uri === undefined) return undefined;
      const known = await (published.get(uri) ?? fetched(uri, at));
      const found = known.keys?.find(kid, alg);
      const age = at - known.triedAt;
      if (age < REFETCH_AFTER_MS || (found !== undefined && age < FRESH_MS)) return found;
      return (await fetched(uri, at)).keys?.find(kid, alg);
    },
  };
}

/** Never rejects: whoever then finds no key is refused. */
async function fetchKeys(uri: string, at: number, outbound: Pick<Outbound, 'get'>): Promise<Published> {
  try {
    const { status, body } = await outbound.get(uri, {
      accept: 'application/jwk-set+json, application/json',
    });
    const document: unknown = status === 200 ? JSON.parse(Buffer.from(body).toString('utf8')) : undefined;
    return { keys: importJwkSet(document), triedAt: at };
  } catch {
    return { keys: undefined, triedAt: at };
  }
}
