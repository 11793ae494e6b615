/**
 * Status lists as signed JWTs.
 * @spec draft-ietf-oauth-status-list-15 §4.2, §5.1
 */
import { decodeBase64url, encodeBase64url } from '../base64url.ts';
import { isJsonObject } from '../json-object.ts';
import type { VerificationKey } from '../jwk.ts';
import { verifyJwtElsewhere } from '../jwt.ts';
import {
  maximumCompressedBytes,
  readStatusList,
  type ReadStatusList,
  type StatusListContent,
  type StatusListExpectations,
} from './status-list-token.ts';

/** The `typ` of the JWT. */
export const STATUS_LIST_JWT_TYP = 'statuslist+jwt';
export const STATUS_LIST_JWT_MEDIA_TYPE = 'application/statuslist+jwt';

/** The claims to be signed under the type `statuslist+jwt`. */
export function statusListClaims(content: StatusListContent): object {
  const { uri, issuedAt, expiresAt, ttl, list, aggregationUri } = content;
  return {
    sub: uri,
    iat: issuedAt,
    exp: expiresAt,
    ttl,
    status_list: {
      bits: list.bits,
      lst: encodeBase64url(list.compress()),
      ...(aggregationUri === undefined ? {} : { aggregation_uri: aggregationUri }),
    },
  };
}

export interface StatusListJwtVerification extends StatusListExpectations {
  /** A key of the issuer whose token names the list. */
  findKey(
    kid: string | undefined,
    alg: string,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined>;
  readonly algs: readonly string[];
}

/** @throws JwtError when the signature or the form does not hold, StatusListError when what it says does not */
export async function verifyStatusListJwt(
  token: string,
  verification: StatusListJwtVerification,
): Promise<ReadStatusList> {
  const { payload } = await verifyJwtElsewhere(token, {
    findKey: (kid, alg) => verification.findKey(kid, alg),
    typ: [STATUS_LIST_JWT_TYP],
    algs: verification.algs,
    // The list is encoded twice, once for JSON and once for the JWT; the rest is small.
    maximumLength: Math.ceil((maximumCompressedBytes(verification.maximumBytes) * 16) / 9) + 8192,
  });
  const { sub, iat, exp, ttl, status_list: list } = payload;
  const { bits, lst } = isJsonObject(list) ? list : {};
  return readStatusList(
    { sub, iat, exp, ttl, bits, lst: typeof lst === 'string' ? decodeBase64url(lst) : undefined },
    verification,
  );
}
