/** What an API installs: everything a consumer may import is named here, but for the adapters. */
export { createVerifier } from './verifier.ts';
export type { Verifier, VerifyOptions } from './verifier.ts';
export type {
  IssuerOptions,
  IssuerOptionsWithin,
  SeveralIssuersOptions,
  SharedOptions,
  VerifierOptions,
} from './verifier-options.ts';
export { grantIdOf, tokenIdHash } from './revocation.ts';
export type { Forgetful, RevocationSource, VerifiedToken } from './revocation.ts';
export type { AccessToken } from './access-token.ts';
export { TokenError, tokenErrors } from './token-error.ts';
export type { Scheme, TokenAnswer, TokenErrorCode, TokenErrorOptions } from './token-error.ts';
export type { ClientFacts, PresentedRequest } from './bearer.ts';
export type { CatOptions, CatRenewalOptions } from './cat-options.ts';
export { readBearerToken } from './bearer.ts';
export type { DpopNonceSource, DpopOptions } from './dpop.ts';
export type { Confirmation } from './sender-constraint.ts';
export { challenge } from './challenge.ts';
export type { ChallengeOptions } from './challenge.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl } from './protected-resource-metadata.ts';
export type { ProtectedResource, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
export type { ProtectOptions } from './protection.ts';
export type { SignInNeeds } from './sign-in-needs.ts';
export type { MutualTlsOptions } from './certificate-binding.ts';
export type { Clock } from './clock.ts';
export type { Fetch } from './fetch-json.ts';
export { createTrustedPeers } from './trusted-peers.ts';
export { createExposureReports } from './exposed-tokens.ts';
export type { ExposureReportOptions } from './exposed-tokens.ts';
export { reportLeakedToken } from './leaked-token.ts';
export type { LeakReportOptions } from './leaked-token.ts';
export type { Introspect } from './introspection.ts';
