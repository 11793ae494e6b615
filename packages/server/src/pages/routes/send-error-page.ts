/** Answers with the page for what cannot be answered to an app; the reference is the id of the request. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { claimedClientId, noteRefusal } from '../../http/noted-refusals.ts';
import { REQUEST_ID } from '../../http/respond.ts';
import { type ErrorPage, errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';

/** @returns the reply, sent with 400: what was asked for is not possible, and nothing was done */
export function sendErrorPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Omit<ErrorPage, 'status' | 'reference'>,
): FastifyReply {
  const { title, explanation } = page;
  noteRefusal(request, {
    error: 'invalid_request',
    description: `${title}. ${explanation}`,
    clientId: claimedClientId(request),
  });
  return reply
    .code(400)
    .headers({ ...pageHeaders(), [REQUEST_ID]: request.id })
    .send(errorPage({ ...page, status: 400, reference: request.id }));
}
