import type { FastifyInstance, FastifyReply } from 'fastify';
import { challenge, TokenError } from '@tessera/verifier';
import { ApiError, errorBody } from './errors.ts';
import type { KnownPaths } from './known-paths.ts';
import { messageOf } from './token-check.ts';

export const REALM = 'music';
const UNEXPECTED = 'Something went wrong here. The call may be repeated.';

/** Turns every error of these routes into this API's error object; refused tokens get their `WWW-Authenticate`. */
export function answerErrors(app: FastifyInstance, resourceMetadataUrl: () => string): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof TokenError) {
      return refuse(
        reply,
        new ApiError(error.status, messageOf(error), { tokenError: error }),
        resourceMetadataUrl(),
      );
    }
    if (error instanceof ApiError) return refuse(reply, error, resourceMetadataUrl());
    const { status, message } = toAnswer(error);
    return reply.code(status).send(errorBody(status, message));
  });
}

/** Paths that do not exist, and methods that a path does not have. */
export function answerUnknownPaths(app: FastifyInstance, knownPaths: KnownPaths): void {
  app.setNotFoundHandler((request, reply) => {
    const methods = knownPaths.methodsOf(request.url.split('?', 1)[0] ?? '');
    if (methods.length === 0) return reply.code(404).send(errorBody(404, 'Service not found'));
    return reply
      .code(405)
      .header('Allow', methods.join(', '))
      .send(errorBody(405, `Method not allowed: ${methods.join(', ')}`));
  });
}

function refuse(reply: FastifyReply, error: ApiError, resourceMetadataUrl: string): FastifyReply {
  if (error.tokenError !== undefined) {
    reply.header('WWW-Authenticate', challenge(error.tokenError, { realm: REALM, resourceMetadataUrl }));
  }
  return reply.code(error.status).headers(error.headers).send(errorBody(error.status, error.message));
}

/** Fastify's own refusals (a body that breaks its schema, a wrong media type) are 4xx; anything else is our fault and silent. */
function toAnswer(error: unknown): { status: number; message: string } {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error ? error.message : UNEXPECTED;
  return status >= 400 && status < 500 ? { status, message } : { status: 500, message: UNEXPECTED };
}
