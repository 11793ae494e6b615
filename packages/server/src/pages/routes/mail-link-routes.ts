/**
 * `/verify-email` and `/recover/new-password`: where links in mails lead. Opening one moves its secret into a cookie
 * and shows a form; only the form uses it up, so that a program that looks at links in mails does nothing.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MailLink } from '../../domain/mail-link.ts';
import { requestContext } from '../../http/app.ts';
import { confirmEmail } from '../../people/change-email.ts';
import { findMailLink } from '../../people/mail-link.ts';
import { PasswordQueueFull } from '../../people/password-queue.ts';
import { completeRecovery } from '../../people/recovery.ts';
import { startSession } from '../../people/session.ts';
import { completeSignUp } from '../../people/sign-up.ts';
import type { User } from '../../domain/user.ts';
import { Form } from '../../protocol/form.ts';
import {
  confirmEmailPage,
  emailConfirmedPage,
  type MailLinkError,
  newAccountPage,
  newPasswordPage,
} from '../account/mail-link-pages.ts';
import { type AccountFlow, formTokenOf, gone, OF_PASSWORD, openLink, sendPage } from './account-flow.ts';
import { currentSession, redirect, waitingRequest } from './authorization-flow.ts';
import { TO_INVITATION } from './next-page.ts';
import { goOn, urlOf } from './on-the-way.ts';
import { NEW_PASSWORD_PATH } from './mail-request-routes.ts';

export const VERIFY_PATH = '/verify-email';
const OF_ADDRESS = ['sign_up', 'verify_email', 'change_email'] as const;

export function registerMailLinks(app: FastifyInstance, account: AccountFlow): void {
  app.get(VERIFY_PATH, async (request, reply) => {
    const secret = new Form(request.query).get('link');
    if (secret !== undefined) return openLink(secret, OF_ADDRESS, VERIFY_PATH, reply, account);
    const link = await linkOf(request, OF_ADDRESS, account);
    return link === undefined ? gone(reply, account) : showAddress(link, request, reply, account);
  });
  app.post(VERIFY_PATH, (request, reply) => verify(new Form(request.body), request, reply, account));
  app.get(NEW_PASSWORD_PATH, async (request, reply) => {
    const link = await linkOf(request, OF_PASSWORD, account);
    return link === undefined ? gone(reply, account) : showPassword(link, request, reply, account);
  });
  app.post(NEW_PASSWORD_PATH, (request, reply) =>
    savePassword(new Form(request.body), request, reply, account),
  );
}

function linkOf(
  request: FastifyRequest,
  purposes: readonly MailLink['purpose'][],
  { flow, mailLinks }: AccountFlow,
): Promise<MailLink | undefined> {
  return findMailLink(flow.browser.mailLink(request), purposes, flow.clock(), mailLinks);
}

async function verify(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const { flow, mailLinks, sealMail, random } = account;
  const link = await linkOf(request, OF_ADDRESS, account);
  if (link === undefined) return gone(reply, account);
  if (!flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
    return showAddress(link, request, reply.code(403), account, 'form_expired', form.get('display_name'));
  }
  if (link.purpose === 'sign_up') return await signUp(link, form, request, reply, account);
  const { at, address, requestId } = requestContext(request, flow.clock);
  const opened = { at, address, requestId, secret: flow.browser.mailLink(request) };
  const { issuer, users } = flow;
  const confirmed = await confirmEmail(opened, { issuer, users, mailLinks, sealMail, random });
  if (confirmed.outcome === 'link_gone') return gone(reply, account);
  flow.browser.clearMailLink(reply);
  return sendPage(reply, emailConfirmedPage(confirmed.email));
}

async function signUp(
  link: MailLink,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const { flow, mailLinks, passwords, random } = account;
  const displayName = form.get('display_name') ?? '';
  const again = (status: number, error: MailLinkError) =>
    showAddress(link, request, reply.code(status), account, error, displayName);
  const { at, address, requestId } = requestContext(request, flow.clock);
  try {
    const done = await completeSignUp(
      {
        at,
        address,
        requestId,
        secret: flow.browser.mailLink(request),
        displayName,
        password: form.get('password') ?? '',
      },
      { users: flow.users, mailLinks, passwords, random },
    );
    if (done.outcome === 'link_gone') return gone(reply, account);
    if (done.outcome === 'bad_name') return again(400, 'bad_name');
    if (done.outcome === 'bad_password') return again(400, done.fault);
    return await signedUp(done.user, link, request, reply, account);
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error;
    reply.header('retry-after', '5');
    return again(503, 'queue_full');
  }
}

/** Signs in whoever has just made the account, and goes on to the app that waits in this browser. */
async function signedUp(
  user: User,
  { interaction }: MailLink,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, secondFactorRequired, random }: AccountFlow,
): Promise<FastifyReply> {
  flow.browser.clearMailLink(reply);
  const waiting = await waitingRequest(interaction, request, flow);
  // Whoever was on the way to an organization goes on there.
  const next = flow.browser.invitation(request) === undefined ? undefined : TO_INVITATION;
  const login = urlOf('/login', { interaction: waiting && interaction, waiting, next });
  if (secondFactorRequired) return redirect(reply, login);
  const { at, address, requestId } = requestContext(request, flow.clock);
  const started = await startSession(
    {
      user,
      amr: ['pwd'],
      replaces: await currentSession(request, flow),
      userAgent: request.headers['user-agent'],
      address,
      requestId,
      at,
    },
    { sessions: flow.sessions, random },
  );
  if (started === undefined) return redirect(reply, login);
  flow.browser.setSession(reply, started.cookieValue);
  return await goOn({ interaction, waiting, next }, started.session, request, reply, flow);
}

async function savePassword(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const { flow, mailLinks, passwords, sealMail, random } = account;
  const link = await linkOf(request, OF_PASSWORD, account);
  if (link === undefined) return gone(reply, account);
  if (!flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
    return showPassword(link, request, reply.code(403), account, 'form_expired', wantsEnd(form));
  }
  const { at, address, requestId } = requestContext(request, flow.clock);
  const chosen = {
    at,
    address,
    requestId,
    secret: flow.browser.mailLink(request),
    password: form.get('password') ?? '',
    endsPersonalTokens: wantsEnd(form),
  };
  const { issuer, users } = flow;
  try {
    const done = await completeRecovery(chosen, { issuer, users, mailLinks, passwords, sealMail, random });
    if (done.outcome === 'link_gone') return gone(reply, account);
    if (done.outcome === 'bad_password')
      return await showPassword(link, request, reply.code(400), account, done.fault, wantsEnd(form));
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error;
    reply.header('retry-after', '5');
    return showPassword(link, request, reply.code(503), account, 'queue_full', wantsEnd(form));
  }
  flow.browser.clearMailLink(reply);
  return redirect(reply, '/login?notice=password_changed');
}

/** Whether the personal access tokens are to end with the old password. */
function wantsEnd(form: Form): boolean {
  return form.get('end_tokens') === 'yes';
}

function showAddress(
  link: MailLink,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
  error?: MailLinkError,
  displayName?: string,
): FastifyReply {
  const shown = { email: link.email, formToken: formTokenOf(request, reply, account), error };
  if (link.purpose === 'sign_up') return sendPage(reply, newAccountPage({ ...shown, displayName }));
  return sendPage(reply, confirmEmailPage({ ...shown, isChange: link.purpose === 'change_email' }));
}

async function showPassword(
  { email, userId }: MailLink,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
  error?: MailLinkError,
  endTokens = true,
): Promise<FastifyReply> {
  const hasTokens = userId !== undefined && (await hasPersonalTokens(userId, account));
  const formToken = formTokenOf(request, reply, account);
  return sendPage(reply, newPasswordPage({ email, formToken, error, ...(hasTokens && { endTokens }) }));
}

/** Whether there is something to decide about. */
async function hasPersonalTokens(
  userId: string,
  { flow, personalAccessTokens }: AccountFlow,
): Promise<boolean> {
  const at = flow.clock();
  const found = await Promise.all(
    (['active', 'pending'] as const).map((is) =>
      personalAccessTokens.list({ userId, status: { is, at } }, { limit: 1 }),
    ),
  );
  return found.some(({ items }) => items.length > 0);
}
