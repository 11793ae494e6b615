/**
 * The one place that turns an error into an answer.
 * @spec RFC 6749 §5.2, RFC 6750 §3, RFC 9110 §15
 */
import { challenge, TokenError } from '@tessera/verifier';
import type { FastifyReply } from 'fastify';
import { StoreUnavailable } from '../ports/store-errors.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import { ANY_ORIGIN, NO_STORE } from './reply-headers.ts';

/** What is told about an error to whoever sent the request. */
export interface PublicError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the body. */
  readonly members?: Readonly<Record<string, string | number>>;
  /** Whether it is ours: then it is logged as an error. */
  readonly fault: boolean;
}

/** Every error has an answer; what is not known is a fault of ours and says nothing of itself. */
export function publicError(error: unknown): PublicError {
  if (error instanceof OAuthError) {
    return {
      status: error.status,
      error: error.code,
      description: error.description,
      headers: {
        ...(error.challenge === undefined ? {} : { 'www-authenticate': error.challenge }),
        ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
        ...(error.dpopNonce === undefined ? {} : { 'dpop-nonce': error.dpopNonce }),
      },
      ...(error.stepUp === undefined ? {} : { members: stepUpMembers(error.stepUp) }),
      fault: false,
    };
  }
  if (error instanceof TokenError && error.code !== 'unavailable') {
    return {
      status: error.status,
      error: error.error ?? 'invalid_token',
      description: error.description,
      headers: {
        'www-authenticate': challenge(error, { realm: 'Tessera' }),
        ...(error.dpopNonce === undefined ? {} : { 'dpop-nonce': error.dpopNonce }),
      },
      fault: false,
    };
  }
  if (error instanceof StoreUnavailable || error instanceof TokenError) {
    return {
      status: 503,
      error: 'temporarily_unavailable',
      description: 'The server cannot answer right now; try again in a moment',
      headers: { 'retry-after': '1' },
      fault: true,
    };
  }
  return framingError(error) ?? unexpected();
}

/** As the challenge of an API names them (RFC 9470 §3). */
function stepUpMembers({
  acrValues,
  maxAgeSeconds,
}: NonNullable<OAuthError['stepUp']>): Readonly<Record<string, string | number>> {
  return {
    ...(acrValues === undefined ? {} : { acr_values: acrValues.join(' ') }),
    ...(maxAgeSeconds === undefined ? {} : { max_age: maxAgeSeconds }),
  };
}

/** What the HTTP layer refuses before any rule is asked: too large, wrong type, not parsable. */
function framingError(error: unknown): PublicError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return undefined;
  const status = error.statusCode;
  if (status < 400 || status > 499) return undefined;
  const description =
    status === 413
      ? 'The request body is too large'
      : status === 415
        ? 'The Content-Type of the request is not supported here'
        : 'The request could not be read';
  return { status, error: 'invalid_request', description, headers: {}, fault: false };
}

function unexpected(): PublicError {
  return {
    status: 500,
    error: 'server_error',
    description: 'The server failed; the log has the reason under this request id',
    headers: {},
    fault: true,
  };
}

/** The name under which a refused request is found: in the log, and by `tessera why`. */
export const REQUEST_ID = 'x-request-id';

/** Answers an error in the form of the OAuth endpoints. */
export function sendOAuthError(reply: FastifyReply, error: PublicError): FastifyReply {
  return reply
    .code(error.status)
    .headers({ ...NO_STORE, ...ANY_ORIGIN, ...error.headers, [REQUEST_ID]: reply.request.id })
    .type('application/json')
    .send({ error: error.error, error_description: error.description, ...error.members });
}
