/**
 * What a status list says when it is signed, whichever way: which list it is, until when it may be used, and the list.
 * @spec draft-ietf-oauth-status-list-15 §5, §8.3
 */
import { decompressStatusList, isStatusBits } from './status-list.ts';
import type { StatusList } from './status-list.ts';
import { StatusListError } from './status-list-error.ts';

/** A list to be signed. Times are seconds. */
export interface StatusListContent {
  /** Where the list is: what tokens name it by. */
  readonly uri: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** For how long a copy is as good as the original. */
  readonly ttl: number;
  readonly list: StatusList;
  /** Where every list of the issuer is named. */
  readonly aggregationUri?: string;
}

/** A list whose signature held. Times are seconds. */
export interface ReadStatusList {
  readonly list: StatusList;
  readonly issuedAt: number;
  readonly expiresAt: number | undefined;
  readonly ttl: number | undefined;
}

export interface StatusListExpectations {
  /** The list that the token names. */
  readonly uri: string;
  /** Milliseconds. */
  readonly nowMs: number;
  /** How large the decompressed list may be, in bytes. */
  readonly maximumBytes: number;
}

/** The members that both forms have, whatever they are called there. */
export interface StatusListMembers {
  readonly sub: unknown;
  readonly iat: unknown;
  readonly exp: unknown;
  readonly ttl: unknown;
  readonly bits: unknown;
  /** Compressed; undefined where it was not of the right type. */
  readonly lst: Uint8Array | undefined;
}

/** @throws StatusListError */
export function readStatusList(members: StatusListMembers, expected: StatusListExpectations): ReadStatusList {
  const { sub, iat, exp, ttl, bits, lst } = members;
  const holds =
    typeof sub === 'string' &&
    isSeconds(iat) &&
    (exp === undefined || isSeconds(exp)) &&
    (ttl === undefined || (isSeconds(ttl) && ttl > 0));
  if (!holds || !isStatusBits(bits) || lst === undefined) throw new StatusListError('malformed_list');
  if (sub !== expected.uri) throw new StatusListError('wrong_subject');
  if (exp !== undefined && expected.nowMs >= exp * 1000) throw new StatusListError('expired');
  const list = decompressStatusList(bits, lst, expected.maximumBytes);
  return { list, issuedAt: iat, expiresAt: exp, ttl };
}

/** A compressed list larger than its contents may be was not made by anybody's compressor. */
export function maximumCompressedBytes(maximumBytes: number): number {
  return Math.ceil(maximumBytes * 1.01) + 1024;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
