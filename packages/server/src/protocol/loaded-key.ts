/** A key of the ring as this node keeps it: what checks its signatures, and what signs with it once something did. */
import {
  importPublicJwk,
  type importSigningKey,
  type JwtSigner,
  type PublicJwk,
  type VerificationKey,
} from '@tessera/tokens';
import type { CatMaker } from '@tessera/tokens/cat';
import type { CwtSigner } from '@tessera/tokens/cwt';
import type { SigningKey } from '../domain/signing-key.ts';

/** What CATs tell our verifiers besides the claims of CTA-5007. */
export const CAT_TEXT_CLAIMS = ['scope', 'client_id', 'grant_id'] as const;

export interface LoadedKey {
  readonly record: SigningKey;
  readonly verification: VerificationKey;
  readonly publicJwk: PublicJwk;
  /** One prepared signer for each `typ`. */
  readonly signers: Map<string, JwtSigner>;
  readonly cwtSigners: Map<string, CwtSigner>;
  catMaker: CatMaker | undefined;
}

/** Loaded with the first CAT: most servers never make one. */
export async function catMakerFor({
  kid,
  privateKey,
}: ReturnType<typeof importSigningKey>): Promise<CatMaker> {
  const { createCatMaker, textClaim } = await import('@tessera/tokens/cat');
  const { kidBytes } = await import('@tessera/tokens/cose');
  return createCatMaker({
    key: { kid: kidBytes(kid), alg: 'ES256', key: privateKey },
    // The same key signs other tokens, so it says what it is.
    typed: true,
    extensions: CAT_TEXT_CLAIMS.map((name) => textClaim(name)),
  });
}

/** @param known what this node already had of it; its signers stay */
export function load(record: SigningKey, known: LoadedKey | undefined): LoadedKey {
  if (known !== undefined) return { ...known, record };
  const verification = importPublicJwk(record.publicJwk);
  if (verification === undefined) throw new Error(`The stored key ${record.kid} is not a valid public key`);
  return {
    record,
    verification,
    publicJwk: record.publicJwk as unknown as PublicJwk,
    signers: new Map(),
    cwtSigners: new Map(),
    catMaker: undefined,
  };
}
