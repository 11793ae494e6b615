/** What a person reads when a request cannot go on and its app cannot be told. @spec RFC 6749 §4.1.2.1 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { claimedClientId, noteRefusal } from '../../http/noted-refusals.ts';
import type { PageRefusal, RefusedOnPage } from '../../protocol/authorization/validate-request.ts';
import { keptOfRedirectUri } from '../../protocol/refused-redirect-uri.ts';
import { sendErrorPage } from './send-error-page.ts';

/** The page for a form or link whose request is gone; nothing was done. */
export function interactionGone(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendErrorPage(request, reply, {
    title: 'This sign-in has ended',
    explanation: 'The request of the app is too old, or it was started in another browser.',
    whatToDo: 'Go back to the app and start again from there.',
  });
}

/** The page for whoever answers a second time; nothing was done. */
export function answeredBefore(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendErrorPage(request, reply, {
    title: 'This request was answered already',
    explanation: 'The app has its answer; a request can be answered once.',
    whatToDo: 'Go back to the app. If it does not go on, start again from there.',
  });
}

const REFUSALS: Readonly<Record<PageRefusal, { readonly explanation: string; readonly whatToDo: string }>> = {
  client_id_missing: {
    explanation: 'The request does not say which app it comes from: the parameter client_id is missing.',
    whatToDo: 'If you develop the app, add its client_id. If not, tell its makers.',
  },
  client_unknown: {
    explanation: 'The app is not registered here.',
    whatToDo:
      'If you develop the app, check its client_id and which server it talks to. If not, tell its makers.',
  },
  client_document_refused: {
    explanation:
      'The app describes itself in a document of its own, and that document cannot be read or may not say what it says.',
    whatToDo:
      'Try again in a moment. If you develop the app, ask the operator of this server: the reason is in its log.',
  },
  redirect_uri_missing: {
    explanation:
      'The request does not say where the answer should go: the parameter redirect_uri is missing.',
    whatToDo: 'If you develop the app, send one of its registered redirect URIs. If not, tell its makers.',
  },
  redirect_uri_unregistered: {
    explanation: 'The answer would go to an address that the app has not registered, so it was not sent.',
    whatToDo:
      'If you develop the app, compare redirect_uri with the registered ones: they must be equal, character by character. If not, tell its makers.',
  },
  parameter_repeated: {
    explanation: 'The request names its app or its redirect URI more than once.',
    whatToDo: 'If you develop the app, send each parameter once. If not, do not follow this link again.',
  },
  request_uri_unusable: {
    explanation:
      'The request that the link stands for is not known here, has expired, or was answered already (invalid_request_uri).',
    whatToDo:
      'Go back to the app and start again. If you develop it: a pushed request is good for 60 seconds and one answer, and for the client that pushed it.',
  },
  request_object_refused: {
    explanation: 'The signed request of the app does not hold (invalid_request_object).',
    whatToDo:
      'If you develop the app, check the key, aud, exp and nbf of its request object. If not, tell its makers.',
  },
};

export function refuseOnPage(
  { reason, requestedUri }: Pick<RefusedOnPage, 'reason' | 'requestedUri'>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { explanation } = REFUSALS[reason];
  const refused = { error: 'invalid_request', description: explanation, detail: reason };
  const redirectUri = requestedUri === undefined ? undefined : keptOfRedirectUri(requestedUri);
  noteRefusal(request, { ...refused, clientId: claimedClientId(request), redirectUri });
  return sendErrorPage(request, reply, {
    title: 'This app cannot sign you in',
    ...REFUSALS[reason],
  });
}
