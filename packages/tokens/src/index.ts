/** Token formats, pure: no network, no storage, no clock. Everything a consumer may import is named here. */
export type { Random } from './random.ts';
export { decodeBase64url, encodeBase64url } from './base64url.ts';
export {
  createTokenString,
  hashTokenString,
  parseTokenString,
  tokenKinds,
  tokenStringPattern,
} from './token-string.ts';
export type { TokenKind } from './token-string.ts';
export { findTokenStrings, tokenKindName, tokenPatterns } from './token-patterns.ts';
export type { SeenToken, TokenPattern } from './token-patterns.ts';
export { withoutTokens } from './without-tokens.ts';
export { deriveKey, deriveKeys, deriveTokenKey, firstOf, open, seal } from './sealed-box.ts';
export type { SealingKey } from './sealed-box.ts';
export type { JwsAlg, VerificationAlg } from './jws-algorithm.ts';
export { hasPrivateMembers, importPublicJwk, jwkThumbprint } from './jwk.ts';
export type { EcPublicJwk, PublicJwk, RsaPublicJwk, VerificationKey } from './jwk.ts';
export { createJwkSet, importJwkSet } from './jwk-set.ts';
export type { JwkSet, VerificationKeySet } from './jwk-set.ts';
export { generateSigningKey, importSigningKey } from './signing-key.ts';
export type { GeneratedSigningKey, SigningKeyHandle } from './signing-key.ts';
export { certificateThumbprint, parseClientCertHeader } from './certificate-binding.ts';
export { derToRaw, rawToDer } from './der-signature.ts';
export { JwtError, jwtErrorDescriptions } from './jwt-error.ts';
export type { JwtErrorCode } from './jwt-error.ts';
export type { JsonObject } from './json-object.ts';
export { createJwtSigner } from './jwt-signer.ts';
export type { JwtSigner } from './jwt-signer.ts';
export { createJwtReader, decodeJwt, verifyJwt, verifyJwtElsewhere } from './jwt.ts';
export type { DecodedJwt, JwtRules, JwtVerification, UnprovenJwt, VerifiedJwt } from './jwt.ts';
export { ACCESS_TOKEN_TYP, accessTokenTyps, validateAccessTokenClaims } from './access-token.ts';
export type { AccessTokenClaims } from './access-token.ts';
export { DPOP_SIGNING_ALGS, createDpopProofVerifier } from './dpop-proof.ts';
export type { DpopExpectations, DpopProof, DpopProofVerifier } from './dpop-proof.ts';
export { DpopProofError, dpopProofErrors } from './dpop-proof-error.ts';
export type { DpopProofErrorCode } from './dpop-proof-error.ts';
export { ID_TOKEN_TYP, leftHalfHash } from './id-token.ts';
export type { IdTokenClaims } from './id-token.ts';
