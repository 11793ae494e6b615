/**
 * `/logout`: ends the session of this browser, asked for by the person or by an app; with an app waiting for a
 * sign-in, on to another account.
 * @spec OpenID Connect RP-Initiated Logout 1.0 §2
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSelfRegistered } from '../../domain/client.ts';
import type { Session } from '../../domain/session.ts';
import { requestContext } from '../../http/app.ts';
import { endSession } from '../../people/session.ts';
import type { Random } from '../../ports/random.ts';
import {
  END_SESSION_PARAMETERS,
  type EndSessionRefusal,
  type EndSessionRequest,
  readEndSessionRequest,
} from '../../protocol/endpoints/end-session.ts';
import { Form } from '../../protocol/form.ts';
import { sessionIdentifierOf } from '../../protocol/subject-identifier.ts';
import { appLabel } from '../app-label.ts';
import { pageHeaders } from '../security-headers.ts';
import { sendErrorPage } from './send-error-page.ts';
import { signedOutPage, signOutPage } from '../sign-out-page.ts';
import { currentSession, type FlowDependencies, redirect, waitingRequest } from './authorization-flow.ts';

export interface LogoutDependencies {
  readonly flow: FlowDependencies;
  readonly random: Random;
  /** Tells the apps that knew the session; resolves when each has been tried. Never rejects. */
  readonly tellApps: (sid: string) => Promise<void>;
}

/** How long a person waits for apps to be told; the rest is told behind their back. */
const PATIENCE_MS = 1500;

export function registerLogout(app: FastifyInstance, dependencies: LogoutDependencies): void {
  const { flow } = dependencies;
  // HEAD must not sign anybody out.
  app.get('/logout', { exposeHeadRoute: false }, async (request, reply) => {
    const form = new Form(request.query);
    const asked = await readEndSessionRequest(form, flow);
    if (typeof asked === 'string') return refuse(asked, request, reply);
    const session = await currentSession(request, flow);
    if (session === undefined) return goOn(asked, reply);
    // The app holds an ID token of this very session: that is the person's wish, as far as anybody can tell.
    if (isOfSession(asked, session, flow)) {
      return signOut(session, asked, request, reply, dependencies);
    }
    return ask(session, asked, form, request, reply, flow);
  });
  app.post('/logout', async (request, reply) => {
    const form = new Form(request.body);
    const asked = await readEndSessionRequest(form, flow);
    if (typeof asked === 'string') return refuse(asked, request, reply);
    const session = await currentSession(request, flow);
    const isOwn = flow.browser.isOwnForm(request, form.get('form_token'), session?.id);
    // An app's form comes without our cookies, because they are SameSite; the way back by GET has them.
    if (!isOwn && (session !== undefined || !form.has('form_token'))) {
      return redirect(reply, `/logout${queryOf(form)}`);
    }
    const interaction = form.get('interaction');
    const waiting = await waitingRequest(interaction, request, flow);
    if (interaction === undefined || waiting === undefined) {
      return session === undefined
        ? goOn(asked, reply)
        : signOut(session, asked, request, reply, dependencies);
    }
    if (session !== undefined) await end(session, request, reply, dependencies);
    return redirect(reply, `/login?interaction=${encodeURIComponent(interaction)}`);
  });
}

function isOfSession(
  { client, sid }: EndSessionRequest,
  session: Session,
  { subjectOf }: FlowDependencies,
): boolean {
  return client !== undefined && sid === sessionIdentifierOf(session.sid, client, subjectOf);
}

async function signOut(
  session: Session,
  asked: EndSessionRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LogoutDependencies,
): Promise<FastifyReply> {
  await end(session, request, reply, dependencies);
  return asked.goOnTo === undefined ? goOn(asked, reply) : redirect(reply, asked.goOnTo);
}

async function end(
  session: Session,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, random, tellApps }: LogoutDependencies,
): Promise<void> {
  const { at, address, requestId } = requestContext(request, flow.clock);
  await endSession({ session, at, address, requestId }, { sessions: flow.sessions, random });
  flow.browser.clearSession(reply);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([tellApps(session.sid), patience]);
  clearTimeout(timer);
}

/**
 * Where nobody had to be signed out. An app that registered itself gets no redirect for that: anybody could make this
 * server send people wherever they like (RFC 9700 §4.11.2), so the person decides.
 */
function goOn({ client, goOnTo: url }: EndSessionRequest, reply: FastifyReply): FastifyReply {
  const isChecked = client !== undefined && !isSelfRegistered(client);
  if (url !== undefined && isChecked) return redirect(reply, url);
  const continueTo =
    url === undefined || client === undefined ? undefined : { url, clientName: appLabel(client, url) };
  return reply.headers(pageHeaders()).send(signedOutPage({ signInUrl: '/login', continueTo }));
}

async function ask(
  session: Session,
  asked: EndSessionRequest,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<FastifyReply> {
  const account = await flow.users.find(session.userId);
  if (account === undefined) return goOn(asked, reply);
  const formAction = asked.goOnTo === undefined ? {} : { formAction: [asked.goOnTo] };
  return reply.headers(pageHeaders(formAction)).send(
    signOutPage({
      action: '/logout',
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), session.id),
      account,
      clientName: asked.client?.name,
      fields: Object.fromEntries(END_SESSION_PARAMETERS.map((name) => [name, form.get(name)])),
    }),
  );
}

function queryOf(form: Form): string {
  const sent = END_SESSION_PARAMETERS.flatMap((name) => {
    const value = form.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return sent.length === 0 ? '' : `?${new URLSearchParams(sent).toString()}`;
}

const REFUSALS: Readonly<Record<EndSessionRefusal, string>> = {
  parameters: 'The request of the app cannot be read: a parameter is repeated or too long.',
  hint: 'The app sent an ID token that this server did not issue.',
  client: 'The app that asked is not registered here, or the ID token it sent is that of another app.',
  redirect_uri:
    'The app asked to send you to an address that it has not registered, so you were neither signed out nor sent there.',
};

function refuse(reason: EndSessionRefusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendErrorPage(request, reply, {
    title: 'This app cannot sign you out',
    explanation: REFUSALS[reason],
    whatToDo:
      'To sign out here, open /logout yourself. If you develop the app, compare its request with what it registered.',
  });
}
