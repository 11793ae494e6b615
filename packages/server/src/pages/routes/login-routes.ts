/** `/login`: shows the sign-in page, checks password or passkey, goes on to where the person wanted to go. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../http/app.ts';
import { signInWithPasskey } from '../../people/passkey-sign-in.ts';
import { PasswordQueueFull } from '../../people/password-queue.ts';
import { isRecentEnough } from '../../people/recent-sign-in.ts';
import { signInWithPassword, type SignInPorts } from '../../people/sign-in.ts';
import { Form } from '../../protocol/form.ts';
import { accountPage, type AccountPage } from '../account-page.ts';
import { pageHeaders } from '../security-headers.ts';
import type { SignInNotice } from '../sign-in-page.ts';
import { currentSession, redirect } from './authorization-flow.ts';
import { type FactorDependencies, openAsked } from './factor-dependencies.ts';
import { findOnTheWay, goOn, type OnTheWay, urlOf } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';
import type { UpstreamDependencies } from './upstream-routes.ts';
import { NO_STEP, showSignIn } from './show-sign-in.ts';

export interface LoginDependencies extends FactorDependencies {
  readonly upstream: UpstreamDependencies;
  readonly signIn: SignInPorts;
  /** The demo tells which account to use. */
  readonly hint?: string | undefined;
}

export function registerLogin(app: FastifyInstance, dependencies: LoginDependencies): void {
  const { flow } = dependencies;
  app.get('/login', async (request, reply) => {
    const query = new Form(request.query);
    const way = await findOnTheWay(query, request, flow);
    if (way === undefined) return interactionGone(request, reply);
    if (way.waiting === undefined && way.next === undefined) {
      const account = await showAccount(request, reply, dependencies);
      if (account !== undefined) return account;
    }
    return way.next?.to === 'console'
      ? showForConsole(way, way.next.url, request, reply, dependencies)
      : showSignIn(request, reply, dependencies, way, { notice: noticeIn(query) });
  });
  for (const [path, signIn] of [
    ['/login', signInByPassword],
    ['/login/passkey', signInByPasskey],
  ] as const) {
    app.post(path, async (request, reply) => {
      const form = new Form(request.body);
      const way = await findOnTheWay(form, request, flow);
      if (way === undefined) return interactionGone(request, reply);
      if (!flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
        return showSignIn(request, reply.code(403), dependencies, way, { error: 'form_expired' });
      }
      return signIn(form, way, request, reply, dependencies);
    });
  }
}

/** Only what this server says of itself: a link must not put words on the page. */
function noticeIn(query: Form): SignInNotice | undefined {
  return query.get('notice') === 'password_changed' ? 'password_changed' : undefined;
}

async function signInByPassword(
  form: Form,
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LoginDependencies,
): Promise<FastifyReply> {
  const { flow } = dependencies;
  const email = form.get('email') ?? '';
  try {
    const attempt = await attemptOf(request, dependencies);
    const password = form.get('password') ?? '';
    const result = await signInWithPassword({ ...attempt, email, password }, dependencies.signIn);
    if (result.outcome === 'refused') {
      return showSignIn(request, reply.code(401), dependencies, way, { email, error: 'refused' });
    }
    if (result.outcome === 'too_many') {
      const { retryAfterSeconds } = result;
      reply.code(429).header('retry-after', String(retryAfterSeconds));
      return showSignIn(request, reply, dependencies, way, { email, error: 'too_many', retryAfterSeconds });
    }
    if (result.outcome !== 'signed_in') {
      const step = flow.steps.seal(result.step, flow.browser.ensureId(request, reply));
      const path = result.outcome === 'set_up' ? '/login/set-up' : '/login/second-step';
      return redirect(reply, urlOf(path, way, { step }));
    }
    flow.browser.setSession(reply, result.cookieValue);
    return await goOn(way, result.session, request, reply, flow);
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error;
    reply.code(503).header('retry-after', '5');
    return showSignIn(request, reply, dependencies, way, { email, error: 'queue_full' });
  }
}

async function signInByPasskey(
  form: Form,
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LoginDependencies,
): Promise<FastifyReply> {
  const { flow, factors } = dependencies;
  const asked = openAsked(form.get('asked'), NO_STEP, request, dependencies);
  if (asked === undefined) {
    return showSignIn(request, reply.code(403), dependencies, way, { error: 'form_expired' });
  }
  const attempt = await attemptOf(request, dependencies);
  const answer = form.get('passkey') ?? '';
  const result = await signInWithPasskey({ ...attempt, answer, asked }, factors);
  if (result.outcome === 'refused') {
    return showSignIn(request, reply.code(401), dependencies, way, { error: 'passkey_refused' });
  }
  flow.browser.setSession(reply, result.cookieValue);
  return goOn(way, result.session, request, reply, flow);
}

/** What every way to sign in wants to know of a request. */
async function attemptOf(request: FastifyRequest, { flow }: FactorDependencies) {
  const replaces = await currentSession(request, flow);
  const { requestId, at } = requestContext(request, flow.clock);
  return { address: request.ip, userAgent: request.headers['user-agent'], replaces, requestId, at };
}

/** Whoever is signed in is asked again only where that was long ago; they need not type who they are. */
async function showForConsole(
  way: OnTheWay,
  url: string,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: LoginDependencies,
): Promise<FastifyReply> {
  const { flow, factors } = dependencies;
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || user === undefined) return showSignIn(request, reply, dependencies, way);
  const owned = await factors.secondFactors.of(user.id);
  return isRecentEnough(session, owned, flow.clock())
    ? redirect(reply, url)
    : showSignIn(request, reply, dependencies, way, { email: user.email });
}

async function showAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, factors, upstream }: LoginDependencies,
): Promise<FastifyReply | undefined> {
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || user === undefined) return undefined;
  const { passkeys, authenticatorApps } = await factors.secondFactors.of(user.id);
  const browserId = flow.browser.ensureId(request, reply);
  const offered = await linksOf(user.id, flow.browser.linkToken(browserId, session.id), upstream);
  return reply.headers(pageHeaders()).send(
    accountPage({
      account: user,
      signedInAt: session.authTime,
      endsAt: session.expiresAt,
      factors: { passkeys: passkeys.length, authenticatorApps: authenticatorApps.length },
      setUpUrl: '/login/set-up',
      providers: offered,
      signOutAction: '/logout',
      formToken: flow.browser.formToken(browserId, session.id),
    }),
  );
}

/** The providers that people may sign in with, and whether this one does. */
async function linksOf(
  userId: string,
  linkToken: string,
  { identityProviders, accounts }: UpstreamDependencies,
): Promise<AccountPage['providers']> {
  const all = await identityProviders.list();
  if (all.length === 0) return [];
  const linked = await accounts.upstreamIdentities.ofUser(userId);
  return all
    .filter(({ status }) => status === 'active')
    .map(({ id, name }) => ({
      name,
      linked: linked.some(({ providerId }) => providerId === id),
      linkUrl: `/login/with/${id}?link=${linkToken}`,
      unlinkAction: `/login/with/${id}/unlink`,
    }));
}
