/** Answers with the page for what cannot be answered to an app; the reference is the id of the request. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorPage, errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';

/** @returns the reply, sent with 400: what was asked for is not possible, and nothing was done */
export function sendErrorPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Omit<ErrorPage, 'status' | 'reference'>,
): FastifyReply {
  return reply
    .code(400)
    .headers(pageHeaders())
    .send(errorPage({ ...page, status: 400, reference: request.id }));
}
