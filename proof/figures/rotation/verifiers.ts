// Who checks tokens by the published keys: our verifier and another library, each with a memory of its own.
import { createVerifier, TokenError } from '@tessera/verifier';
import { createRemoteJWKSet, customFetch, errors, type ExportedJWKSCache, jwksCache, jwtVerify } from 'jose';
import type { Clock } from '../../../packages/server/src/ports/clock.ts';
import type { RegisteredClient } from '../../../test/registrations.ts';

export interface ApiVerifier {
  readonly name: string;
  /** Hears of keys that are taken back; others learn it with the next set they fetch. */
  readonly listens: boolean;
  /** @returns why it is refused; nothing for a good one */
  readonly refusal: (token: string) => Promise<string | undefined>;
  close(): void;
}

export interface VerifierWorld {
  readonly issuer: string;
  readonly audience: string;
  /** Where its requests to the issuer go. */
  readonly base: string;
  readonly client: RegisteredClient;
  readonly clock: Clock;
}

/** What the key set's `Cache-Control` allows. */
export const CACHE_MS = 5 * 60_000;
/** What jose takes unless told otherwise. */
export const LONGEST_CACHE_MS = 10 * 60_000;

export function verifiersOf(world: VerifierWorld): readonly ApiVerifier[] {
  return [
    tessera(world, 'listens'),
    tessera(world, 'fetches'),
    jose(world, 'jose', {}),
    // As patient as it may be: it looks for no key that it does not know before its time.
    jose(world, 'jose, by Cache-Control', { cacheMaxAge: CACHE_MS, cooldownDuration: CACHE_MS }),
  ];
}

function tessera(
  { issuer, audience, base, client, clock }: VerifierWorld,
  kind: 'listens' | 'fetches',
): ApiVerifier {
  const verifier = createVerifier({
    issuer,
    audience,
    clock,
    fetch: (url, init) => fetch(url.replace(issuer, base), init),
    ...(kind === 'listens'
      ? { clientId: client.id, clientSecret: client.secret ?? '' }
      : { issuerRevocation: 'off', cacheEntries: 0 }),
  });
  return {
    name: `our verifier, which ${kind}`,
    listens: kind === 'listens',
    async refusal(token) {
      try {
        await verifier.verify(token);
        return undefined;
      } catch (error) {
        if (error instanceof TokenError) return error.code;
        throw error;
      }
    },
    close: () => verifier.close(),
  };
}

interface JoseCache {
  readonly cacheMaxAge?: number;
  readonly cooldownDuration?: number;
}

/**
 * jose looks at the real time. What it keeps is given to it anew for each token, as old by the real time as it is by the
 * clock.
 */
function jose({ issuer, audience, base, clock }: VerifierWorld, name: string, times: JoseCache): ApiVerifier {
  const url = new URL(`${issuer}/.well-known/jwks.json`);
  let kept: { readonly jwks: ExportedJWKSCache['jwks']; readonly fetchedAt: number } | undefined;
  return {
    name,
    listens: false,
    async refusal(token) {
      const now = clock();
      const cache: Partial<ExportedJWKSCache> =
        kept === undefined ? {} : { jwks: kept.jwks, uat: Date.now() - (now - kept.fetchedAt) };
      const { uat } = cache;
      const keys = createRemoteJWKSet(url, {
        ...times,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- empty or whole
        [jwksCache]: cache as ExportedJWKSCache,
        [customFetch]: (at, init) => fetch(at.replace(issuer, base), init),
      });
      try {
        await jwtVerify(token, keys, { issuer, audience, currentDate: new Date(now) });
        return undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError) return error.code;
        throw error;
      } finally {
        if (cache.jwks !== undefined && cache.uat !== uat) kept = { jwks: cache.jwks, fetchedAt: now };
      }
    },
    close() {
      // It holds nothing open.
    },
  };
}
