/** CBOR Web Tokens with the claims of JWT access tokens. @spec RFC 8392 */
export { CWT_ACCESS_TOKEN_TYP, decodeCwt, readCwt, verifyCwt } from './cwt.ts';
export type { CwtRules, CwtVerification, UnprovenCwt, VerifiedCwt } from './cwt.ts';
export { createCwtSigner } from './cwt-signer.ts';
export type { CwtSigner } from './cwt-signer.ts';
export { decodeClaims, encodeClaims } from './claims.ts';
export { CoseError } from '../cose/cose-error.ts';
export type { CoseErrorCode } from '../cose/cose-error.ts';
