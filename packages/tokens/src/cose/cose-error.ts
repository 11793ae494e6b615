/** Every way in which a COSE message can be refused: a closed table from code to what a person may read. */

export const coseErrorDescriptions = {
  too_large: 'the token is larger than 16 kB',
  not_base64url: 'the token is not canonical base64url',
  malformed_cbor: 'the token is not the CBOR that is expected here',
  wrong_tag: 'the token carries a tag that is not expected here',
  malformed_message: 'the token is not a COSE message of four parts',
  malformed_header: 'a header of the message does not have the expected shape',
  duplicate_header: 'a header parameter is both protected and unprotected',
  detached_payload: 'the message comes without its payload',
  crit_unsupported: 'the header names critical parameters that are not understood',
  alg_not_allowed: 'the algorithm is not accepted here',
  typ_missing: 'the protected header has no typ',
  typ_not_allowed: 'the token is of another type than the one expected here',
  claims_in_header: 'the header carries claims',
  unknown_key: 'the key is unknown',
  key_mismatch: 'the key is for another algorithm or message than the header names',
  bad_signature_length: 'the signature has the wrong length',
  bad_signature: 'the signature does not match',
  malformed_claims: 'the payload is not a map of claims',
} as const;

export type CoseErrorCode = keyof typeof coseErrorDescriptions;

/** A refused message. The text is constant for the code and never holds anything of the message. */
export class CoseError extends Error {
  readonly code: CoseErrorCode;

  constructor(code: CoseErrorCode, options?: ErrorOptions) {
    super(coseErrorDescriptions[code], options);
    this.name = 'CoseError';
    this.code = code;
  }
}
