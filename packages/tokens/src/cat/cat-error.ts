/**
 * Every way in which a Common Access Token can be refused: one closed table from code to what a person may read.
 * @spec CTA-5007-B §4.3, §4.6
 */
import type { CborLabel, CborMap } from '../cbor/index.ts';

/** Codes of the token as a whole: they name no claim. */
const tokenErrors = {
  too_large: 'The token is larger than is taken here',
  malformed_base64url: 'The token is not base64url',
  malformed_cose: 'The token is not one COSE_Mac0 or COSE_Sign1 message in strict CBOR',
  malformed_claims: 'The payload is not one CBOR map of claims',
  dialect: 'The token is of a dialect that is not the Common Access Token of CTA-5007',
  wrong_type: 'The token says that it is of another type, or does not say that it is a CAT',
  crit_unsupported: 'A header of the token is critical and not supported',
  unknown_key: 'No known key fits the token',
  alg_mismatch: 'The token names another algorithm than its key is for',
  bad_signature: 'The signature of the token does not hold',
  missing_token: 'The request carries no token',
  unavailable: 'What has to be looked up for the token cannot be reached, or is full',
} as const;

/** Codes of one claim, which the error names. */
const claimErrors = {
  claim_malformed: 'A claim is not of the form it must have',
  claim_unknown: 'A claim is not known here',
  claim_missing: 'A claim is missing',
  claim_unsupported: 'A claim asks for what this recipient cannot check',
  wrong_version: 'The version of the token is not 1',
  wrong_issuer: 'The issuer is not one of those that are trusted here',
  wrong_audience: 'The token is for another recipient',
  expired: 'The token has expired',
  not_yet_valid: 'The token is not valid yet',
  wrong_network: 'The request comes from another network than the token allows',
  wrong_uri: 'The token does not allow this URI',
  wrong_method: 'The token does not allow this method',
  wrong_protocol: 'The connection speaks another protocol than the token allows',
  wrong_header: 'A header of the request is not what the token asks for',
  wrong_place: 'The request comes from another place than the token allows',
  wrong_tls_key: 'The TLS connection does not show the key that the token names',
  wrong_fingerprint: 'The TLS connection has another fingerprint than the token names',
  wrong_scope: 'The token does not allow this action',
  missing_proof: 'The token is bound to a key, and the request has no DPoP proof',
  bad_proof: 'The DPoP proof does not hold for this request',
  wrong_key: 'The DPoP proof was made with another key than the one the token is bound to',
  used_proof: 'The DPoP proof was used before',
  reused: 'The token was used before',
  drawn: 'The token was drawn to be refused',
  blocked: 'The token is blocked',
  none_accepted: 'None of the alternatives in the token holds',
  some_accepted: 'One of the exclusions in the token holds',
  some_rejected: 'One of the conditions in the token does not hold',
} as const;

export const catErrors = { ...tokenErrors, ...claimErrors } as const;

export type CatErrorCode = keyof typeof catErrors;
/** Why a claim is not accepted. */
export type CatClaimErrorCode = keyof typeof claimErrors | 'unavailable';

export interface CatErrorDetail {
  /** The claim that was refused, by name; by label where it has none. */
  readonly claim?: string;
  readonly label?: CborLabel;
  /** Which dialect, for `dialect`. */
  readonly dialect?: string;
  /** The claims, where the signature holds. */
  readonly authentic?: CborMap;
  readonly cause?: unknown;
}

/** A refused token. The message is constant text for the code and holds nothing from the token. */
export class CatError extends Error {
  readonly code: CatErrorCode;
  /** The claim that was refused. */
  readonly claim: string | undefined;
  readonly label: CborLabel | undefined;
  /** The dialect, where the token is of one that is known. */
  readonly dialect: string | undefined;
  // Out of the way of whoever prints the error.
  readonly #authentic: CborMap | undefined;

  constructor(code: CatErrorCode, detail: CatErrorDetail = {}) {
    super(catErrors[code], detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'CatError';
    this.code = code;
    this.claim = detail.claim;
    this.label = detail.label;
    this.dialect = detail.dialect;
    this.#authentic = detail.authentic;
  }

  /** The claims of a token that was refused although its signature holds: what `catif` speaks about. */
  authenticClaims(): CborMap | undefined {
    return this.#authentic;
  }
}
