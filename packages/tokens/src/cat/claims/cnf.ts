/**
 * The key that whoever uses the token has to prove, with a DPoP proof made for the request.
 * @spec CTA-5007-B §4.8.1; RFC 8747 §3.1; RFC 9449 §4.3
 */
import type { CborValue } from '../../cbor/index.ts';
import { DpopProofError } from '../../dpop-proof-error.ts';
import type { DpopProof, DpopProofVerifier } from '../../dpop-proof.ts';
import { headerOf } from '../cat-request.ts';
import type { CatClaim, ClaimContext, Verdict } from '../claim.ts';
import { fromHex, isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isMap } from '../read-value.ts';
import { CATDPOP, readProofSettings } from './catdpop.ts';

export const CNF = 8;
/** The confirmation method "JWK SHA-256 thumbprint" (CWT Confirmation Methods). */
export const JKT = 323;

/** The thumbprint of the key as DPoP writes it. */
export const cnf: CatClaim<string> = {
  name: 'cnf',
  label: CNF,
  section: '4.8.1',
  support: 'must',
  says: 'The key to prove with DPoP, by the SHA-256 thumbprint of its JWK',
  read: readThumbprint,
  acceptable: (thumbprint, context) => {
    const { proofs } = context.memory;
    if (proofs === 'elsewhere') return undefined;
    return proofs === undefined ? 'claim_unsupported' : requireProof(thumbprint, proofs, context);
  },
  presented: ({ request }) => (headerOf(request, 'dpop') === undefined ? 'no proof' : 'a proof'),
  toJson: (thumbprint) => ({ jkt: thumbprint }),
  fromJson: confirmationFromJson,
};

/** @returns undefined where there is any other way of confirming: it would not be checked */
function readThumbprint(value: CborValue): string | undefined {
  if (!isMap(value) || value.size !== 1) return undefined;
  const thumbprint = value.get(JKT);
  if (!(thumbprint instanceof Uint8Array) || thumbprint.length !== 32) return undefined;
  return Buffer.from(thumbprint).toString('base64url');
}

function requireProof(
  thumbprint: string,
  proofs: DpopProofVerifier,
  context: ClaimContext,
): Verdict | Promise<Verdict> {
  const { request, nowMs, token, memory } = context;
  const header = headerOf(request, 'dpop');
  const url = request.calledUrl ?? request.url;
  if (header === undefined) return 'missing_proof';
  if (url === undefined || request.method === undefined) return 'claim_unsupported';
  const proof = readProof(proofs, header, { method: request.method, url, nowMs, accessToken: token });
  if (proof === undefined) return 'bad_proof';
  if (proof.thumbprint !== thumbprint) return 'wrong_key';
  const settings = context.claim(CATDPOP);
  const { windowSeconds, isJtiHonoured } =
    (settings === undefined ? undefined : readProofSettings(settings)) ?? {};
  if (windowSeconds !== undefined && nowMs > (proof.iat + windowSeconds) * 1000) return 'bad_proof';
  if (isJtiHonoured !== true) return undefined;
  const isNew = memory.rememberProof?.(proof);
  if (isNew === undefined) return 'claim_unsupported';
  return isNew instanceof Promise ? isNew.then(judgeUse) : judgeUse(isNew);
}

function judgeUse(isNew: unknown): Verdict {
  return isNew === true ? undefined : 'used_proof';
}

function readProof(
  proofs: DpopProofVerifier,
  header: string,
  expected: Parameters<DpopProofVerifier['verify']>[1],
): DpopProof | undefined {
  try {
    return proofs.verify(header, expected);
  } catch (error) {
    if (error instanceof DpopProofError) return undefined;
    throw error;
  }
}

/** The thumbprint in base64url, as DPoP writes it, or in hexadecimal digits. */
function confirmationFromJson(json: JsonValue): CborValue | undefined {
  if (!isJsonRecord(json) || Object.keys(json).length !== 1) return undefined;
  const { jkt } = json;
  if (typeof jkt !== 'string') return undefined;
  const bytes = jkt.length === 64 ? fromHex(jkt) : new Uint8Array(Buffer.from(jkt, 'base64url'));
  return bytes?.length === 32 ? new Map([[JKT, bytes]]) : undefined;
}
