/** A recipient and an issuer of Common Access Tokens for tests. */
import { CatError, catClaimsFromJson, createCat, verifyCat } from '../src/cat/index.ts';
import type { CatPolicy, CatRequest, JsonValue } from '../src/cat/index.ts';
import type { CborMap } from '../src/cbor/index.ts';
import { createMacKey } from '../src/cose/index.ts';

/** Seconds since the epoch. */
export const NOW = 1_800_000_000;

export const key = createMacKey({ kid: 'k1', secret: new Uint8Array(32).fill(7) });

export const policy: CatPolicy = {
  keys: [key],
  issuers: ['https://issuer.example'],
  audiences: ['https://cdn.example'],
  clock: () => NOW * 1000,
};

export function tokenOf(claims: CborMap | Readonly<Record<string, JsonValue>>): string {
  const map = claims instanceof Map ? claims : catClaimsFromJson(claims as Record<string, JsonValue>);
  return createCat(map as CborMap, { key, allowPersonal: true });
}

/** @returns `accepted`, or the code, and after a slash the claim or the dialect */
export async function outcomeOf(
  token: string,
  request: CatRequest = {},
  overrides: Partial<CatPolicy> = {},
): Promise<string> {
  try {
    await verifyCat(token, request, { ...policy, ...overrides });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof CatError)) throw error;
    return describeError(error);
  }
}

export function describeError({ code, claim, dialect }: CatError): string {
  return [code, claim ?? dialect].filter((part) => part !== undefined).join('/');
}
