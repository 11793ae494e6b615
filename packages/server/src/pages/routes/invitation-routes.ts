/**
 * `/invitation`: where the link in an invitation leads. Opening it moves its secret into a cookie and shows a page; only
 * the form uses it up, so that a program that looks at links in mails does nothing.
 */
import { parseTokenString } from '@tessera/tokens';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../domain/session.ts';
import { requestContext } from '../../http/app.ts';
import {
  acceptInvitation,
  declineInvitation,
  findInvitation,
  type InvitationPorts,
  isInvited,
  type OpenInvitation,
} from '../../people/invitation.ts';
import { beginInvitedSignUp } from '../../people/invited-sign-up.ts';
import { Form } from '../../protocol/form.ts';
import {
  type InvitationError,
  invitationPage,
  type InvitationResult,
  invitationResultPage,
  invitedPage,
  notYoursPage,
} from '../invitation-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { type AccountFlow, formTokenOf, keepLink } from './account-flow.ts';
import { currentSession, redirect } from './authorization-flow.ts';
import { VERIFY_PATH } from './mail-link-routes.ts';

export interface InvitationPageDependencies {
  readonly account: AccountFlow;
  readonly ports: InvitationPorts;
}

const PATH = '/invitation';

export function registerInvitation(app: FastifyInstance, dependencies: InvitationPageDependencies): void {
  const { account, ports } = dependencies;
  const { flow } = account;
  app.get(PATH, async (request, reply) => {
    const secret = new Form(request.query).get('link');
    if (secret !== undefined && parseTokenString(secret)?.kind === 'ml') {
      // Out of the address, so that no Referer and no history of pages tells it.
      flow.browser.setInvitation(reply, secret);
      return redirect(reply, PATH);
    }
    const open = await findInvitation(flow.browser.invitation(request), flow.clock(), ports);
    return open === undefined
      ? showEnd({ outcome: 'gone' }, reply.code(404))
      : show(open, request, reply, account);
  });
  app.post(PATH, async (request, reply) => decide(new Form(request.body), request, reply, dependencies));
}

async function show(
  open: OpenInvitation,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
  error?: InvitationError,
): Promise<FastifyReply> {
  const { flow } = account;
  const session = await currentSession(request, flow);
  const person = session === undefined ? undefined : await flow.users.find(session.userId);
  const shown = {
    organization: open.organization.name,
    inviter: open.inviter,
    role: open.invitation.role,
    secondsLeft: (open.invitation.expiresAt - flow.clock()) / 1000,
  };
  reply.headers(pageHeaders());
  if (session === undefined || person === undefined) {
    const known = await flow.users.findByEmail(open.invitation.email);
    const mayMakeOne = known === undefined && account.signUp !== 'off';
    const formToken = mayMakeOne ? formTokenOf(request, reply, account) : undefined;
    return reply.send(invitedPage({ ...shown, formToken, error }));
  }
  if (!isInvited(open, person)) return reply.code(403).send(notYoursPage(person));
  const formToken = flow.browser.formToken(flow.browser.ensureId(request, reply), session.id);
  return reply.send(invitationPage({ ...shown, account: person, formToken, error }));
}

async function decide(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  { account, ports }: InvitationPageDependencies,
): Promise<FastifyReply> {
  const { flow } = account;
  const context = requestContext(request, flow.clock);
  const { at, address, requestId } = context;
  const open = await findInvitation(flow.browser.invitation(request), at, ports);
  if (open === undefined) return showEnd({ outcome: 'gone' }, reply.code(404));
  const session: Session | undefined = await currentSession(request, flow);
  const person = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || person === undefined) {
    return form.get('step') === 'sign_up'
      ? signUp(open, form, request, reply, account)
      : redirect(reply, PATH);
  }
  if (!flow.browser.isOwnForm(request, form.get('form_token'), session.id)) {
    return show(open, request, reply.code(403), account, 'form_expired');
  }
  const organization = open.organization.name;
  const occasion = { at, address, requestId };
  const step = form.get('step');
  if (step === 'decline') {
    const declined = await declineInvitation(open, person, occasion, ports);
    if (declined) flow.browser.clearInvitation(reply);
    return declined
      ? showEnd({ outcome: 'declined', organization }, reply)
      : show(open, request, reply, account);
  }
  if (step !== 'accept') return show(open, request, reply.code(400), account);
  const outcome = await acceptInvitation(open, person, occasion, ports);
  if (outcome === 'not_yours') return show(open, request, reply, account);
  flow.browser.clearInvitation(reply);
  return showEnd({ outcome, organization }, outcome === 'gone' ? reply.code(404) : reply);
}

/** On to the page for a new account, for the invited address and no other. */
async function signUp(
  open: OpenInvitation,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const { flow, signUp: door } = account;
  if (door === 'off') return redirect(reply, PATH);
  if (!flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
    return show(open, request, reply.code(403), account, 'form_expired');
  }
  const { at, address, requestId } = requestContext(request, flow.clock);
  const begun = await beginInvitedSignUp(open, { at, address, requestId }, { ...account, users: flow.users });
  if (begun.outcome === 'has_account') return redirect(reply, PATH);
  if (begun.outcome === 'begun') return keepLink(begun.secret, VERIFY_PATH, reply, account);
  reply.code(429).header('retry-after', String(begun.retryAfterSeconds));
  return show(open, request, reply, account, 'too_many');
}

function showEnd(result: InvitationResult, reply: FastifyReply): FastifyReply {
  return reply.headers(pageHeaders()).send(invitationResultPage(result));
}
