/**
 * What every adapter shares: the options of `protect`, and a refusal as status, headers and JSON body.
 * @spec RFC 6750 §3; RFC 9111 §5.2.2.5
 */
import type { AccessToken } from './access-token.ts';
import type { PresentedRequest } from './bearer.ts';
import { challenge } from './challenge.ts';
import { requireScopeNames } from './scope.ts';
import { requireSensibleSignIn } from './sign-in.ts';
import type { SignInNeeds } from './sign-in-needs.ts';
import { TokenError } from './token-error.ts';
import type { TokenAnswer } from './token-error.ts';
import type { Verifier } from './verifier.ts';

export interface ProtectOptions<NativeRequest> extends SignInNeeds {
  readonly verifier: Verifier;
  /** All of these are needed. */
  readonly scopes?: readonly string[];
  /** Takes a personal access token as the password of HTTP Basic, too; `false` unless given. */
  readonly basicPersonalTokens?: boolean;
  /**
   * Where a request came from, for access policies about the network of personal access tokens; nothing is said unless
   * given. Behind a proxy only what a proxy that is trusted says: `(request) => request.ip` where the framework knows it.
   */
  readonly callerAddress?: (request: NativeRequest) => string | undefined;
  /** Fixed text that names the API in challenges; `api` unless given. */
  readonly realm?: string;
  /** Where the API serves its metadata (RFC 9728); clients are sent there. */
  readonly resourceMetadataUrl?: string;
  /**
   * Called for every refusal. What it returns, if anything, is the JSON body in place of
   * `{"error", "error_description"}`; status and headers stay.
   */
  readonly onError?: (error: TokenError, request: NativeRequest) => unknown;
}

export interface RefusalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

export interface Protection<NativeRequest> {
  /** @returns the token, or the refusal to send. Rejects only for errors that are not about the token. */
  check(presented: PresentedRequest, request: NativeRequest): Promise<Passed | Refused>;
  /** The answer to a request that was refused for this reason. */
  refusal(error: TokenError, request: NativeRequest): RefusalResponse;
}

export interface Passed {
  readonly accessToken: AccessToken;
  readonly refusal?: undefined;
}

export interface Refused {
  readonly accessToken?: undefined;
  readonly refusal: RefusalResponse;
}

/** @throws TypeError when an option could never work */
export function createProtection<NativeRequest>(
  options: ProtectOptions<NativeRequest>,
): Protection<NativeRequest> {
  const { verifier, scopes = [], realm = 'api', resourceMetadataUrl, onError } = options;
  const { acrValues, maxAgeSeconds, basicPersonalTokens, callerAddress } = options;
  requireScopeNames(scopes);
  requireSensibleSignIn(options);
  const needs = {
    scopes,
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(basicPersonalTokens === undefined ? {} : { basicPersonalTokens }),
  };
  if (resourceMetadataUrl !== undefined && !URL.canParse(resourceMetadataUrl)) {
    throw new TypeError('resourceMetadataUrl must be an absolute URL');
  }
  const challengeOptions = { realm, ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }) };
  const refusal = (error: TokenError, request: NativeRequest): RefusalResponse => {
    if (error.answer !== undefined) return ownAnswer(error.answer);
    const body = onError?.(error, request) ?? defaultBody(error);
    const headers = refusalHeaders(error, challenge(error, challengeOptions));
    return { status: error.status, headers, body: JSON.stringify(body) };
  };
  const withAddress = (presented: PresentedRequest, request: NativeRequest): PresentedRequest => {
    const ip = callerAddress?.(request);
    return ip === undefined ? presented : { ...presented, client: { ...presented.client, ip } };
  };
  return {
    async check(presented, request) {
      try {
        return { accessToken: await verifier.verify(withAddress(presented, request), needs) };
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        return { refusal: refusal(error, request) };
      }
    },
    refusal,
  };
}

/** What a token says about its own refusal stands in place of ours, so that a player may be sent somewhere else. */
function ownAnswer({ status, headers }: TokenAnswer): RefusalResponse {
  return { status, headers: { 'cache-control': 'no-store', ...lowerCased(headers) }, body: '' };
}

function lowerCased(headers: TokenAnswer['headers']): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

/** A request without credentials has no error code of the RFC's; the body then names ours. */
function defaultBody(error: TokenError): { error: string; error_description: string } {
  return { error: error.error ?? error.code, error_description: error.description };
}

function refusalHeaders(error: TokenError, wwwAuthenticate: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    // An outage is no reason to get another token, so there is no challenge.
    ...(error.status === 503 ? { 'retry-after': '1' } : { 'www-authenticate': wwwAuthenticate }),
    ...(error.dpopNonce === undefined ? {} : { 'dpop-nonce': error.dpopNonce }),
  };
}
