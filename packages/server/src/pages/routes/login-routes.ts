/** `/login`: shows the sign-in page, checks the password, goes on to where the person wanted to go. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../http/app.ts';
import { PasswordQueueFull } from '../../people/password-queue.ts';
import { isRecentSignIn } from '../../people/session.ts';
import { signInWithPassword, type SignInPorts } from '../../people/sign-in.ts';
import { Form } from '../../protocol/form.ts';
import { accountPage } from '../account-page.ts';
import { appLabel } from '../app-label.ts';
import { pageHeaders } from '../security-headers.ts';
import { type SignInError, signInPage } from '../sign-in-page.ts';
import {
  continueAuthorization,
  currentSession,
  type FlowDependencies,
  redirect,
  waitingRequest,
} from './authorization-flow.ts';
import { type OnTheWay, onTheWay } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';

export interface LoginDependencies {
  readonly flow: FlowDependencies;
  readonly signIn: SignInPorts;
  /** The demo tells which account to use. */
  readonly hint?: string;
}

type Waiting = Awaited<ReturnType<typeof waitingRequest>>;

export function registerLogin(app: FastifyInstance, dependencies: LoginDependencies): void {
  const { flow } = dependencies;
  app.get('/login', async (request, reply) => {
    const query = new Form(request.query);
    const interaction = query.get('interaction');
    const way = onTheWay(query);
    const waiting = await waitingRequest(interaction, request, flow);
    if (interaction !== undefined && waiting === undefined) return interactionGone(request, reply);
    if (waiting === undefined && way === undefined) {
      const account = await showAccount(request, reply, flow);
      if (account !== undefined) return account;
    }
    if (way?.to === 'console') return showForConsole(way, request, reply, dependencies);
    return show(request, reply, dependencies, { interaction, waiting, way });
  });
  app.post('/login', async (request, reply) => {
    const form = new Form(request.body);
    const interaction = form.get('interaction');
    const way = onTheWay(form);
    const waiting = await waitingRequest(interaction, request, flow);
    if (interaction !== undefined && waiting === undefined) return interactionGone(request, reply);
    if (!flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
      const error = 'form_expired';
      return show(request, reply.code(403), dependencies, { interaction, waiting, way, error });
    }
    return signIn(form, { interaction, waiting, way }, request, reply, dependencies);
  });
}

async function signIn(
  form: Form,
  shown: Pick<Shown, 'interaction' | 'waiting' | 'way'>,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LoginDependencies,
): Promise<FastifyReply> {
  const { flow } = dependencies;
  const email = form.get('email') ?? '';
  const before = await currentSession(request, flow);
  const context = requestContext(request, flow.clock);
  try {
    const result = await signInWithPassword(
      {
        email,
        password: form.get('password') ?? '',
        address: request.ip,
        userAgent: request.headers['user-agent'],
        replaces: before,
        requestId: context.requestId,
        at: context.at,
      },
      dependencies.signIn,
    );
    if (result.outcome === 'refused') {
      return await show(request, reply.code(401), dependencies, { ...shown, email, error: 'refused' });
    }
    if (result.outcome === 'too_many') {
      const { retryAfterSeconds } = result;
      reply.code(429).header('retry-after', String(retryAfterSeconds));
      return await show(request, reply, dependencies, {
        ...shown,
        email,
        error: 'too_many',
        retryAfterSeconds,
      });
    }
    flow.browser.setSession(reply, result.cookieValue);
    if (shown.waiting === undefined) return redirect(reply, shown.way?.url ?? '/login');
    const { authorization, client } = shown.waiting;
    return await continueAuthorization(authorization, client, result.session, request, reply, flow);
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error;
    reply.code(503).header('retry-after', '5');
    return await show(request, reply, dependencies, { ...shown, email, error: 'queue_full' });
  }
}

interface Shown {
  readonly interaction: string | undefined;
  readonly waiting: Waiting;
  readonly way: OnTheWay | undefined;
  readonly email?: string;
  readonly error?: SignInError;
  readonly retryAfterSeconds?: number;
}

async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, hint }: LoginDependencies,
  { interaction, waiting, way, email, error, retryAfterSeconds }: Shown,
): Promise<FastifyReply> {
  const redirectUri = waiting?.authorization.redirectUri;
  return reply.headers(pageHeaders(redirectUri === undefined ? {} : { formAction: [redirectUri] })).send(
    signInPage({
      action: '/login',
      interaction,
      onTheWay: way?.fields,
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), undefined),
      email: email ?? waiting?.authorization.loginHint,
      clientName:
        waiting === undefined ? undefined : appLabel(waiting.client, waiting.authorization.redirectUri),
      error,
      retryAfterSeconds,
      hint,
    }),
  );
}

/** Whoever is signed in is asked again only where that was long ago; they need not type who they are. */
async function showForConsole(
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LoginDependencies,
): Promise<FastifyReply> {
  const { flow } = dependencies;
  const session = await currentSession(request, flow);
  if (session !== undefined && isRecentSignIn(session, flow.clock())) return redirect(reply, way.url);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  const shown = { interaction: undefined, waiting: undefined, way };
  return show(request, reply, dependencies, user === undefined ? shown : { ...shown, email: user.email });
}

async function showAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<FastifyReply | undefined> {
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || user === undefined) return undefined;
  return reply.headers(pageHeaders()).send(
    accountPage({
      account: user,
      signedInAt: session.authTime,
      endsAt: session.expiresAt,
      signOutAction: '/logout',
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), session.id),
    }),
  );
}
