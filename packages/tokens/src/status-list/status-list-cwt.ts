/**
 * Status lists as signed CWTs.
 * @spec draft-ietf-oauth-status-list-15 §4.3, §5.2
 */
import { CborError } from '../cbor/cbor-error.ts';
import { decodeCbor } from '../cbor/decode.ts';
import { encodeCbor } from '../cbor/encode.ts';
import { isCborMap } from '../cbor/value.ts';
import type { CborMap, CborValue } from '../cbor/value.ts';
import { coseAlgNumbers } from '../cose/algorithm.ts';
import { CoseError } from '../cose/cose-error.ts';
import { coseKeyOf } from '../cose/key.ts';
import { coseHeaders, decodeCose } from '../cose/message.ts';
import { verifyCose } from '../cose/verify.ts';
import type { VerificationKey } from '../jwk.ts';
import { StatusListError } from './status-list-error.ts';
import {
  maximumCompressedBytes,
  readStatusList,
  type ReadStatusList,
  type StatusListContent,
  type StatusListExpectations,
} from './status-list-token.ts';

export const STATUS_LIST_CWT_MEDIA_TYPE = 'application/statuslist+cwt';

const SUB = 2;
const EXP = 4;
const IAT = 6;
const STATUS_LIST = 65_533;
const TTL = 65_534;

/** The map of claims, to be signed under the type `application/statuslist+cwt`, with tag 18 and without the CWT tag. */
export function encodeStatusListClaims(content: StatusListContent): Uint8Array {
  const { uri, issuedAt, expiresAt, ttl, list, aggregationUri } = content;
  const statusList = new Map<string, CborValue>([
    ['bits', list.bits],
    ['lst', list.compress()],
  ]);
  if (aggregationUri !== undefined) statusList.set('aggregation_uri', aggregationUri);
  return encodeCbor(
    new Map<number, CborValue>([
      [SUB, uri],
      [IAT, issuedAt],
      [EXP, expiresAt],
      [TTL, ttl],
      [STATUS_LIST, statusList],
    ]),
  );
}

export interface StatusListCwtVerification extends StatusListExpectations {
  /** A key of the issuer whose token names the list. */
  findKey(
    kid: string | undefined,
    alg: string,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined>;
}

/** @throws CoseError when the signature or the form does not hold, StatusListError when what it says does not */
export async function verifyStatusListCwt(
  bytes: Uint8Array,
  verification: StatusListCwtVerification,
): Promise<ReadStatusList> {
  const maximumBytes = maximumCompressedBytes(verification.maximumBytes) + 4096;
  if (bytes.length > maximumBytes) throw new CoseError('too_large');
  const message = decodeCose(bytes, { maximumBytes });
  if (message.cwtTag || message.type === undefined) throw new CoseError('malformed_message');
  const typ = message.protectedHeader.get(coseHeaders.typ);
  if (typeof typ !== 'string') throw new CoseError('typ_missing');
  if (typ.toLowerCase() !== STATUS_LIST_CWT_MEDIA_TYPE) throw new CoseError('typ_not_allowed');
  const alg = SIGNATURE_ALGS.find(
    (name) => coseAlgNumbers[name] === message.protectedHeader.get(coseHeaders.alg),
  );
  if (alg === undefined) throw new CoseError('alg_not_allowed');
  const kid = message.kid === undefined ? undefined : Buffer.from(message.kid).toString('utf8');
  const key = await verification.findKey(kid, alg);
  if (key !== undefined && key.alg !== alg) throw new CoseError('key_mismatch');
  verifyCose(message, key && coseKeyOf(key), { understood: [coseHeaders.typ] });
  return readStatusListClaims(message.payload, verification);
}

/** Whoever could check a shared key could make lists with it. */
const SIGNATURE_ALGS = ['ES256', 'PS256', 'EdDSA'] as const;

/** @throws StatusListError */
export function readStatusListClaims(payload: Uint8Array, expected: StatusListExpectations): ReadStatusList {
  const claims = readMap(payload, maximumCompressedBytes(expected.maximumBytes) + 4096);
  const list = claims.get(STATUS_LIST);
  const lst = isCborMap(list) ? list.get('lst') : undefined;
  return readStatusList(
    {
      sub: claims.get(SUB),
      iat: claims.get(IAT),
      exp: claims.get(EXP),
      ttl: claims.get(TTL),
      bits: isCborMap(list) ? list.get('bits') : undefined,
      lst: lst instanceof Uint8Array ? lst : undefined,
    },
    expected,
  );
}

function readMap(payload: Uint8Array, maximumBytes: number): CborMap {
  try {
    const value = decodeCbor(payload, { maximumBytes });
    if (isCborMap(value)) return value;
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  throw new StatusListError('malformed_list');
}
