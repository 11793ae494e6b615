/**
 * Makes Common Access Tokens. What a recipient would not read, and what may not travel unencrypted, is not made.
 * @spec CTA-5007-B §4.3, §4.5; RFC 8392 §7.1
 */
import { encodeCbor } from '../cbor/index.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/index.ts';
import { coseHeaders, createCoseSigner } from '../cose/index.ts';
import type { CoseKey, CoseSigner } from '../cose/index.ts';
import type { Random } from '../random.ts';
import { CatError } from './cat-error.ts';
import { CAT_TYPE } from './cat-keys.ts';
import { readClaimSet } from './claim-set.ts';
import type { ClaimRules } from './claim-set.ts';
import { CTI } from './claims/cti.ts';

export interface CatCreation extends Pick<ClaimRules, 'compositeLabels' | 'extensions'> {
  /** HS256, ES256 or PS256: what it signs with. */
  readonly key: CoseKey;
  /** Gives the token a `cti` of 16 random bytes, unless it has one. */
  readonly random?: Random;
  /** Says in the protected header that it is a CAT: for a key that signs other tokens too. */
  readonly typed?: boolean;
  /** Makes tokens that tell where somebody is although they are not encrypted. */
  readonly allowPersonal?: boolean;
}

/** Makes tokens with one key, many per second. */
export interface CatMaker {
  /** @throws CatError claim_malformed, claim_unknown or claim_unsupported, with the claim named; too_large */
  create(claims: CborMap): string;
  /** The same with the signature made on another thread, for those who make many at once. */
  createElsewhere(claims: CborMap): Promise<string>;
}

const CATV = 310;
/** What every recipient takes (CTA-5007-B §4.3.1). */
const MAXIMUM_BYTES = 4096;
const ALGS: ReadonlySet<CoseKey['alg']> = new Set(['HS256', 'ES256', 'PS256']);

/**
 * @returns a token that says its version and, with `random`, has an identifier
 * @throws CatError; TypeError for a key that cannot sign
 */
export function createCat(claims: CborMap, creation: CatCreation): string {
  return createCatMaker(creation).create(claims);
}

/** As `createCat`, with everything prepared that does not depend on the claims. */
export function createCatMaker(creation: CatCreation): CatMaker {
  if (!ALGS.has(creation.key.alg)) throw new TypeError('a CAT is made with HS256, ES256 or PS256');
  const signer: CoseSigner = createCoseSigner(creation.key, {
    kidHeader: 'unprotected',
    ...(creation.typed === true && { protectedHeader: new Map([[coseHeaders.typ, CAT_TYPE]]) }),
  });
  const payloadOf = (claims: CborMap): Uint8Array => {
    const whole = complete(claims, creation.random);
    requireGood(whole, creation);
    return encodeCbor(whole);
  };
  return {
    create: (claims) => toText(signer.sign(payloadOf(claims))),
    createElsewhere: async (claims) => toText(await signer.signElsewhere(payloadOf(claims))),
  };
}

function toText(bytes: Uint8Array): string {
  const token = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
  if (token.length > MAXIMUM_BYTES) throw new CatError('too_large');
  return token;
}

function complete(claims: CborMap, random: Random | undefined): CborMap {
  const whole = new Map<CborKey, CborValue>(claims);
  if (random !== undefined && !whole.has(CTI)) whole.set(CTI, random(16));
  if (!whole.has(CATV)) whole.set(CATV, 1);
  return whole;
}

function requireGood(claims: CborMap, creation: CatCreation): void {
  const { entries } = readClaimSet(claims, creation);
  if (creation.allowPersonal === true) return;
  for (const { claim, value } of entries) {
    if (claim.isPersonal?.(value) === true) {
      throw new CatError('claim_unsupported', { claim: claim.name, label: claim.label });
    }
  }
}
