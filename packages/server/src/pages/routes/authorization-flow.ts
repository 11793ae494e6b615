/**
 * Leads a browser from an authorization request through sign-in and consent to the answer.
 * @spec RFC 6749 §3.1, OpenID Connect Core §3.1.2
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Client, isSelfRegistered } from '../../domain/client.ts';
import type { Session } from '../../domain/session.ts';
import type { Browser } from '../../http/browser.ts';
import { requestContext } from '../../http/app.ts';
import { noteRefusal } from '../../http/noted-refusals.ts';
import { REQUEST_ID } from '../../http/respond.ts';
import type { SealedSteps } from '../../people/sealed-steps.ts';
import { findSession } from '../../people/session.ts';
import { type SignInStep, stepFromSession } from '../../people/sign-in-step.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdentityProviders } from '../../ports/identity-providers.ts';
import type { Random } from '../../ports/random.ts';
import type { Organizations } from '../../ports/organizations.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Sessions } from '../../ports/sessions.ts';
import type { Users } from '../../ports/users.ts';
import {
  type AuthorizationRequest,
  isStillValid,
} from '../../protocol/authorization/authorization-request.ts';
import {
  type AuthorizationAnswer,
  errorResponse,
} from '../../protocol/authorization/authorization-response.ts';
import {
  type AuthorizeDependencies,
  findNextStep,
  issueCode,
  refuseRequest,
} from '../../protocol/authorization/authorize.ts';
import {
  type AuthorizationRequestDependencies,
  validateAuthorizationRequest,
} from '../../protocol/authorization/validate-request.ts';
import type { Interactions } from '../../protocol/authorization/interaction.ts';
import type { Form } from '../../protocol/form.ts';
import { appLabel } from '../app-label.ts';
import { formPostPage, SUBMIT_SCRIPT_HASH } from '../form-post-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { answeredBefore, refuseOnPage } from './refusals.ts';
import { sendErrorPage } from './send-error-page.ts';

export interface FlowDependencies extends AuthorizeDependencies, AuthorizationRequestDependencies {
  readonly resources: Resources;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly organizations: Pick<Organizations, 'find'>;
  /** By which people may sign in instead. */
  readonly identityProviders: Pick<IdentityProviders, 'list'>;
  readonly interactions: Interactions;
  readonly browser: Browser;
  /** Sign-ins that are half done. */
  readonly steps: SealedSteps<SignInStep>;
  /** Everybody needs a second factor here. */
  readonly secondFactorRequired: boolean;
  readonly random: Random;
  readonly clock: Clock;
}

/** `/authorize`: a new request. */
export async function beginAuthorization(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<FastifyReply> {
  const at = flow.clock();
  const checked = await validateAuthorizationRequest(form, at, flow);
  if (checked.outcome === 'refused_on_page') return refuseOnPage(checked, request, reply);
  if (checked.outcome === 'refused_by_redirect') {
    const refusal = await errorResponse(checked.to, checked.error, at, flow);
    return answerRefusal(refusal, checked.client, checked.to, checked.error, request, reply);
  }
  return continueAuthorization(
    checked.request,
    checked.client,
    await currentSession(request, flow),
    request,
    reply,
    flow,
  );
}

/** Goes one step on, with the session the browser has by now. */
export async function continueAuthorization(
  authorization: AuthorizationRequest,
  client: Client,
  session: Session | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<FastifyReply> {
  const context = requestContext(request, flow.clock);
  const next = await findNextStep(authorization, client, session, context, flow);
  if (next.step === 'refuse') {
    const error = { code: next.error, description: next.description };
    const refusal = await refuseRequest(authorization, error, context.at, flow);
    return answerRefusal(refusal, client, authorization, error, request, reply);
  }
  if (next.step === 'issue' && session !== undefined) {
    return answer(await issueCode(authorization, client, session, undefined, context, flow), request, reply);
  }
  const interaction = flow.interactions.seal(next.asked, flow.browser.ensureId(request, reply));
  const user =
    next.step === 'second_step' && session !== undefined ? await flow.users.find(session.userId) : undefined;
  if (user !== undefined && session !== undefined) {
    const half = stepFromSession(user, session, context.at, flow.random);
    const step = flow.steps.seal(half, flow.browser.ensureId(request, reply));
    return redirect(reply, `/login/second-step?interaction=${interaction}&step=${step}`);
  }
  return redirect(reply, `${next.step === 'consent' ? '/consent' : '/login'}?interaction=${interaction}`);
}

/**
 * An error goes to the app, unless the app registered itself: then anybody could make this server send people
 * wherever they like, so the person decides (RFC 9700 §4.11.2).
 */
function answerRefusal(
  refusal: AuthorizationAnswer | undefined,
  client: Client,
  { redirectUri }: { readonly redirectUri: string },
  { code: error, description }: { readonly code: string; readonly description: string },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  noteRefusal(request, { error, description, clientId: client.id });
  void reply.header(REQUEST_ID, request.id);
  if (refusal === undefined || !isSelfRegistered(client)) return answer(refusal, request, reply);
  const link =
    refusal.by === 'redirect'
      ? { url: refusal.location, text: `Go back to ${appLabel(client, redirectUri)}` }
      : undefined;
  return sendErrorPage(request, reply, {
    title: 'This app asked for something it cannot have',
    explanation: `${description}.`,
    whatToDo: 'If you know the app and came from there, go back to it. If not, close this page.',
    link,
  });
}

/** A request that waits, with its client; undefined when it is not ours, too old, of another browser, or not valid any more. */
export async function waitingRequest(
  sealed: string | undefined,
  request: FastifyRequest,
  flow: FlowDependencies,
): Promise<{ readonly authorization: AuthorizationRequest; readonly client: Client } | undefined> {
  if (sealed === undefined) return undefined;
  const authorization = flow.interactions.open(sealed, flow.browser.id(request), flow.clock());
  const client = authorization === undefined ? undefined : await flow.clients.find(authorization.clientId);
  if (authorization === undefined || client === undefined || !isStillValid(authorization, client))
    return undefined;
  return { authorization, client };
}

export function currentSession(
  request: FastifyRequest,
  flow: FlowDependencies,
): Promise<Session | undefined> {
  return findSession(flow.browser.sessionCookie(request), flow);
}

/** Sends the browser on with the answer; undefined: the request was answered before. */
export function answer(
  given: AuthorizationAnswer | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (given === undefined) return answeredBefore(request, reply);
  if (given.by === 'redirect') return redirect(reply, given.location);
  return reply
    .headers(pageHeaders({ formAction: [given.action], scriptHash: SUBMIT_SCRIPT_HASH }))
    .send(formPostPage(given));
}

/** 303, so that what was posted to us is never posted on (RFC 9700 §4.12). */
export function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .code(303)
    .header('location', location)
    .send();
}
