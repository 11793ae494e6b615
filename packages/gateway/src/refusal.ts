/**
 * Refusals of the gateway's own, beside those of the verifier: one closed table, and the answer that each becomes.
 * @spec RFC 9110 §15; RFC 6585 §4; RFC 6750 §3
 */
import { type ChallengeOptions, challenge, TokenError } from '@tessera/verifier';

interface Entry {
  readonly status: number;
  /** For people; constant text. */
  readonly description: string;
}

export const gatewayErrors = {
  ambiguous_path: {
    status: 400,
    description:
      'The path could be read in two ways; send it in its plain form, without dots, empty segments or escaped separators',
  },
  ambiguous_framing: { status: 400, description: 'The request could be read in two ways' },
  malformed_check: { status: 400, description: 'The proxy did not say what it was asked for' },
  no_route: { status: 404, description: 'There is nothing at this address' },
  method_not_allowed: { status: 405, description: 'This address takes other methods only' },
  binding_required: {
    status: 401,
    description: 'The access token must be bound to a key or a certificate here',
  },
  unknown_proxy: { status: 403, description: 'Whether a request may pass is told to known proxies only' },
  malformed_request: { status: 400, description: 'The request could not be read' },
  request_timeout: { status: 408, description: 'The request took too long to arrive' },
  content_too_large: { status: 413, description: 'The request body is larger than this address takes' },
  headers_too_large: { status: 431, description: 'The headers of the request are too large' },
  quota_exceeded: { status: 429, description: 'Too many requests; wait as long as Retry-After says' },
  upstream_unreachable: { status: 502, description: 'The API behind the gateway cannot be reached' },
  upstream_timeout: { status: 504, description: 'The API behind the gateway took too long' },
} as const satisfies Record<string, Entry>;

export type GatewayErrorCode = keyof typeof gatewayErrors;

/** A request that is not passed on, for a reason that is not its token. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: GatewayErrorCode, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(gatewayErrors[code].description, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = gatewayErrors[code].status;
    this.headers = headers;
  }
}

export interface RefusalAnswer {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

/** The answer to a refused request; an error that is no refusal becomes a 500 that says nothing. */
export function answerTo(error: unknown, options: ChallengeOptions): RefusalAnswer {
  if (error instanceof TokenError) return tokenAnswer(error, options);
  if (error instanceof GatewayError) {
    const { code, message, status, headers } = error;
    const said = { error: status === 401 ? 'invalid_token' : code, error_description: message, code };
    return withLength({ status, code, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(said) });
  }
  const body = {
    error: 'server_error',
    error_description: 'Something went wrong here',
    code: 'server_error',
  };
  return withLength({
    status: 500,
    code: 'server_error',
    headers: JSON_HEADERS,
    body: JSON.stringify(body),
  });
}

/** The answer, so that its end is known from its beginning. */
export function withLength(answer: RefusalAnswer): RefusalAnswer {
  return { ...answer, headers: { ...answer.headers, 'content-length': `${Buffer.byteLength(answer.body)}` } };
}

export const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

function tokenAnswer(error: TokenError, options: ChallengeOptions): RefusalAnswer {
  const { code, status, description, answer } = error;
  // What a token says about its own refusal stands in place of ours: a player may be sent somewhere else.
  if (answer !== undefined) {
    const own = answer.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    const headers = { 'cache-control': 'no-store', ...Object.fromEntries(own) };
    return withLength({ status: answer.status, code, headers, body: '' });
  }
  return withLength({
    status,
    code,
    headers: {
      ...JSON_HEADERS,
      ...(status === 503 ? { 'retry-after': '1' } : { 'www-authenticate': challenge(error, options) }),
      ...(error.dpopNonce === undefined ? {} : { 'dpop-nonce': error.dpopNonce }),
    },
    body: JSON.stringify({ error: error.error ?? code, error_description: description, code }),
  });
}
