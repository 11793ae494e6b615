/** Every way in which a JWT can be refused: a closed table from code to what a person may read. */

export const jwtErrorDescriptions = {
  too_large: 'the token is larger than it may be here',
  not_three_parts: 'the token does not have three parts',
  malformed_base64url: 'a part of the token is not canonical base64url',
  malformed_header: 'the header is not a JSON object of the expected shape',
  malformed_payload: 'the payload is not a JSON object',
  duplicate_member: 'a JSON object in the token names a member twice',
  crit_unsupported: 'the header names critical extensions',
  b64_unsupported: 'the header uses the b64 option',
  alg_none: 'the token is not signed',
  alg_not_allowed: 'the signature algorithm is not accepted here',
  typ_missing: 'the header has no typ',
  typ_not_allowed: 'the token is of another type than the one expected here',
  unknown_key: 'the signing key is unknown',
  key_mismatch: 'the key is for another algorithm than the header names',
  bad_signature_length: 'the signature has the wrong length',
  bad_signature: 'the signature does not match',
  claim_missing: 'a required claim is missing',
  claim_malformed: 'a claim has the wrong type',
  wrong_issuer: 'the token was issued by another server',
  wrong_audience: 'the token is for another audience',
  expired: 'the token has expired',
  not_yet_valid: 'the token is not valid yet',
} as const;

export type JwtErrorCode = keyof typeof jwtErrorDescriptions;

/** A refused JWT. The message is constant text for the code and never holds anything from the token. */
export class JwtError extends Error {
  readonly code: JwtErrorCode;

  constructor(code: JwtErrorCode) {
    super(jwtErrorDescriptions[code]);
    this.name = 'JwtError';
    this.code = code;
  }
}
