/**
 * Reads the access token from a request: the Authorization header, and nowhere else.
 * @spec RFC 6750 §2.1, §2.3, §3.1; RFC 9449 §7.1; RFC 9110 §5.3, §11.4; OAuth 2.1 §5.1
 */
import type { CatRequest } from '@tessera/tokens/cat';
import { readBasicToken } from './basic-credentials.ts';
import { TokenError } from './token-error.ts';
import type { Scheme } from './token-error.ts';

/** What is read of a request: a fetch `Request`, Node's `IncomingMessage`, or the like. */
export interface PresentedRequest {
  readonly method?: string | undefined;
  /** Absolute, or path and query. */
  readonly url?: string | undefined;
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Node's list of names and values; without it Node hides a second Authorization header. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** Node's socket: tells whether the request came over TLS. */
  readonly socket?: object | undefined;
  /** Scheme and host that were called, where something knows better than the Host header. */
  readonly origin?: (() => string) | undefined;
  /**
   * What is known of the client beyond the request: claims of Common Access Tokens may ask for it, and the address goes
   * to the issuer where access policies judge each use of a token (personal access tokens, client tokens).
   */
  readonly client?: ClientFacts | undefined;
}

/** Address, network, connection and place of a client, as far as somebody knows them. */
export type ClientFacts = Pick<
  CatRequest,
  'ip' | 'asn' | 'alpn' | 'tlsKeys' | 'tlsFingerprints' | 'place' | 'moqt'
>;

/** A token, and how it was presented. */
export interface PresentedToken {
  readonly scheme: Scheme;
  readonly token: string;
}

const BEARER = 'bearer ';
const DPOP = 'dpop ';
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const SECOND_TOKEN = /,\s*(?:bearer|dpop)\s/i;

export interface Places {
  /** Takes a personal access token as the password of HTTP Basic, too. */
  readonly basicPersonalTokens?: boolean;
}

/** @returns the token as it was sent. @throws TokenError for none, several, or one that is not where it belongs */
export function readAccessToken(request: PresentedRequest, places?: Places): PresentedToken {
  if (request.url !== undefined) refuseTokenInUrl(request.url);
  const credentials = authorizationHeader(request);
  if (credentials === undefined || credentials === '') throw new TokenError('missing_token');
  const scheme = schemeOf(credentials);
  if (scheme === undefined && places?.basicPersonalTokens === true) {
    const token = readBasicToken(credentials, siteOf(request));
    if (token !== undefined) return { scheme: 'Bearer', token };
  }
  if (scheme === undefined) throw new TokenError(codeOfOther(credentials));
  const token = credentials.slice(scheme.length + 1);
  if (B64TOKEN.test(token)) return { scheme, token };
  throw new TokenError(SECOND_TOKEN.test(token) ? 'several_tokens' : 'malformed_request', undefined, {
    scheme,
  });
}

/** As `readAccessToken`, for what takes bearer tokens only. */
export function readBearerToken(request: PresentedRequest): string {
  const { scheme, token } = readAccessToken(request);
  if (scheme !== 'Bearer') throw new TokenError('missing_token');
  return token;
}

function schemeOf(credentials: string): Scheme | undefined {
  if (credentials.slice(0, BEARER.length).toLowerCase() === BEARER) return 'Bearer';
  return credentials.slice(0, DPOP.length).toLowerCase() === DPOP ? 'DPoP' : undefined;
}

/** One of the two in a wrong form is an error of the request; another scheme means that no token was sent. */
function codeOfOther(credentials: string): 'several_tokens' | 'malformed_request' | 'missing_token' {
  if (SECOND_TOKEN.test(credentials)) return 'several_tokens';
  return /^\s*(?:bearer|dpop)(?![\w!#$%&'*+.^`|~-])/i.test(credentials)
    ? 'malformed_request'
    : 'missing_token';
}

/** A token in a URL is in logs and histories by now, so the request is refused whatever else it carries. */
function refuseTokenInUrl(url: string): void {
  const queryStart = url.indexOf('?');
  if (queryStart === -1) return;
  const query = url.slice(queryStart + 1);
  if (!query.includes('access_token') && !query.includes('%')) return;
  const fragmentStart = query.indexOf('#');
  const parameters = new URLSearchParams(fragmentStart === -1 ? query : query.slice(0, fragmentStart));
  if (parameters.has('access_token')) throw new TokenError('token_in_url');
}

function authorizationHeader({ headers, rawHeaders }: PresentedRequest): string | undefined {
  if (rawHeaders !== undefined && countAuthorization(rawHeaders) > 1) throw new TokenError('several_tokens');
  if (isHeaders(headers)) return headers.get('authorization') ?? undefined;
  let found: string | undefined;
  for (const name of Object.keys(headers)) {
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    const value = headers[name];
    if (value === undefined) continue;
    const [first, second] = typeof value === 'string' ? [value] : value;
    if (second !== undefined || found !== undefined) throw new TokenError('several_tokens');
    found = first;
  }
  return found;
}

/** Where the page comes from that made the browser send the request; only browsers say so. */
function siteOf({ headers }: PresentedRequest): string | undefined {
  if (isHeaders(headers)) return headers.get('sec-fetch-site') ?? undefined;
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'sec-fetch-site');
  const value = name === undefined ? undefined : headers[name];
  return typeof value === 'string' ? value : value?.join();
}

function countAuthorization(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}

/** Whether they are those of a fetch `Request`. */
export function isHeaders(headers: PresentedRequest['headers']): headers is Headers {
  return typeof headers['get'] === 'function';
}
