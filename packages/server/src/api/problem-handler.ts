/** The one place that turns what was thrown in the admin and account APIs into an answer. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { noteRefusal } from '../http/noted-refusals.ts';
import { REQUEST_ID } from '../http/respond.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import { PasswordQueueFull } from '../people/password-queue.ts';
import {
  AlreadyExists,
  BadCursor,
  LastAdministrator,
  LastOwner,
  StoreUnavailable,
} from '../ports/store-errors.ts';
import { Problem, problemBody, type ProblemCode } from './problem.ts';

const RETRY_AFTER_SECONDS = 1;
const CURSOR = 'must be the next_cursor of a page of this very list';

/** Answers with problem details. What is not expected is logged here and stays unsaid. */
export function sendProblem(
  issuer: string,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
): FastifyReply {
  const problem = toProblem(thrown);
  const fault = problem.code === 'internal_error' || problem.code === 'unavailable';
  if (!request.wasShed)
    noteRefusal(request, { error: problem.code, description: problem.detail }, thrown, fault);
  if (problem.code === 'unavailable') void reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (thrown instanceof OAuthError && thrown.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', thrown.retryAfterSeconds);
  }
  const body = problemBody(issuer, problem);
  return reply.code(body.status).header(REQUEST_ID, request.id).type('application/problem+json').send(body);
}

function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof AlreadyExists) {
    return new Problem('already_exists', `This ${thrown.what} is taken`, [
      { pointer: `/${thrown.what}`, detail: 'is taken' },
    ]);
  }
  if (thrown instanceof BadCursor)
    return new Problem('invalid_cursor', CURSOR, [{ pointer: '/cursor', detail: CURSOR }]);
  if (thrown instanceof LastAdministrator)
    return new Problem('last_admin', 'Make somebody else an administrator first');
  if (thrown instanceof LastOwner) return new Problem('last_owner', 'Make somebody else an owner first');
  if (thrown instanceof PasswordQueueFull)
    return new Problem('unavailable', 'Too many passwords at once; try again');
  if (thrown instanceof StoreUnavailable)
    return new Problem('unavailable', 'Try again; look first whether a change was made all the same');
  if (thrown instanceof OAuthError) return ofShedding(thrown);
  if (isFastifyError(thrown)) return ofFastify(thrown);
  return new Problem('internal_error', 'The cause is in the log of the server');
}

/** What turns requests away before any API sees them. */
function ofShedding({ status, description }: OAuthError): Problem {
  if (status === 503) return new Problem('unavailable', description);
  if (status === 429) return new Problem('too_many_requests', description);
  return new Problem('internal_error', 'The cause is in the log of the server');
}

const FASTIFY_PROBLEMS: Readonly<Record<string, { readonly code: ProblemCode; readonly detail: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send the body with Content-Type: application/json',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'The body may have 64 KiB' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_request', detail: 'The body is empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_request', detail: 'The body is not JSON' },
};

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && 'statusCode' in thrown;
}

function ofFastify(error: FastifyError): Problem {
  const known = FASTIFY_PROBLEMS[error.code];
  if (known !== undefined) return new Problem(known.code, known.detail);
  if (error.statusCode === 413) return new Problem('body_too_large', 'The body may have 64 KiB');
  if (error.statusCode === 415) return new Problem('unsupported_media_type', 'The body must be JSON');
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Problem('invalid_request', 'The request cannot be read');
  }
  return new Problem('internal_error', 'The cause is in the log of the server');
}
