/** What an API installs: everything a consumer may import is named here, but for the adapters. */
export { createVerifier } from './verifier.ts';
export type { Verifier, VerifierOptions, VerifyOptions } from './verifier.ts';
export type { AccessToken } from './access-token.ts';
export { TokenError, tokenErrors } from './token-error.ts';
export type { Scheme, TokenErrorCode, TokenErrorOptions } from './token-error.ts';
export type { PresentedRequest } from './bearer.ts';
export { readBearerToken } from './bearer.ts';
export type { DpopNonceSource, DpopOptions } from './dpop.ts';
export type { Confirmation } from './sender-constraint.ts';
export { challenge } from './challenge.ts';
export type { ChallengeOptions } from './challenge.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl } from './protected-resource-metadata.ts';
export type { ProtectedResource, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
export type { ProtectOptions } from './protection.ts';
export type { Clock } from './clock.ts';
export type { Fetch } from './fetch-json.ts';
export type { Introspect } from './introspection.ts';
