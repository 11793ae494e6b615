/** Every way in which a DPoP proof can be refused: a closed table from code to what a person may read. */

export const dpopProofErrors = {
  malformed: 'The DPoP proof is not one well-formed JWT',
  wrong_typ: 'The typ of the DPoP proof is not dpop+jwt',
  alg_not_allowed: 'The DPoP proof is not signed with ES256, EdDSA or PS256',
  malformed_key: 'The jwk of the DPoP proof is missing or not a public key that fits its alg',
  private_key: 'The jwk of the DPoP proof holds a private key; it counts as exposed, so replace it',
  bad_signature: 'The signature of the DPoP proof does not hold',
  claim_missing: 'The DPoP proof lacks one of jti, htm, htu and iat',
  claim_malformed: 'A claim of the DPoP proof has the wrong type',
  wrong_method: 'The htm of the DPoP proof is not the method of the request',
  wrong_url: 'The htu of the DPoP proof is not the URL of the request',
  not_recent: 'The DPoP proof was made too long ago, or its time has not come',
  wrong_token: 'The ath of the DPoP proof is not the hash of the access token',
} as const;

export type DpopProofErrorCode = keyof typeof dpopProofErrors;

/** A refused proof. The message is constant text for the code and never holds anything from the proof. */
export class DpopProofError extends Error {
  readonly code: DpopProofErrorCode;

  constructor(code: DpopProofErrorCode) {
    super(dpopProofErrors[code]);
    this.name = 'DpopProofError';
    this.code = code;
  }
}
