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
import { Form } from '../../protocol/form.ts';
import {
  invitationPage,
  type InvitationResult,
  invitationResultPage,
  invitedPage,
  notYoursPage,
} from '../invitation-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { currentSession, type FlowDependencies, redirect } from './authorization-flow.ts';

export interface InvitationPageDependencies {
  readonly flow: FlowDependencies;
  readonly ports: InvitationPorts;
}

const PATH = '/invitation';

export function registerInvitation(app: FastifyInstance, dependencies: InvitationPageDependencies): void {
  const { flow, ports } = dependencies;
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
      : show(open, request, reply, flow);
  });
  app.post(PATH, async (request, reply) => decide(new Form(request.body), request, reply, dependencies));
}

async function show(
  open: OpenInvitation,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
  error?: 'form_expired',
): Promise<FastifyReply> {
  const session = await currentSession(request, flow);
  const account = session === undefined ? undefined : await flow.users.find(session.userId);
  const shown = {
    organization: open.organization.name,
    inviter: open.inviter,
    role: open.invitation.role,
    secondsLeft: (open.invitation.expiresAt - flow.clock()) / 1000,
  };
  reply.headers(pageHeaders());
  if (session === undefined || account === undefined) return reply.send(invitedPage(shown));
  if (!isInvited(open, account)) return reply.code(403).send(notYoursPage(account));
  const formToken = flow.browser.formToken(flow.browser.ensureId(request, reply), session.id);
  return reply.send(invitationPage({ ...shown, account, formToken, error }));
}

async function decide(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, ports }: InvitationPageDependencies,
): Promise<FastifyReply> {
  const context = requestContext(request, flow.clock);
  const { at, address, requestId } = context;
  const open = await findInvitation(flow.browser.invitation(request), at, ports);
  if (open === undefined) return showEnd({ outcome: 'gone' }, reply.code(404));
  const session: Session | undefined = await currentSession(request, flow);
  const person = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || person === undefined) return redirect(reply, PATH);
  if (!flow.browser.isOwnForm(request, form.get('form_token'), session.id)) {
    return show(open, request, reply.code(403), flow, 'form_expired');
  }
  const organization = open.organization.name;
  const occasion = { at, address, requestId };
  const step = form.get('step');
  if (step === 'decline') {
    const declined = await declineInvitation(open, person, occasion, ports);
    if (declined) flow.browser.clearInvitation(reply);
    return declined
      ? showEnd({ outcome: 'declined', organization }, reply)
      : show(open, request, reply, flow);
  }
  if (step !== 'accept') return show(open, request, reply.code(400), flow);
  const outcome = await acceptInvitation(open, person, occasion, ports);
  if (outcome === 'not_yours') return show(open, request, reply, flow);
  flow.browser.clearInvitation(reply);
  return showEnd({ outcome, organization }, outcome === 'gone' ? reply.code(404) : reply);
}

function showEnd(result: InvitationResult, reply: FastifyReply): FastifyReply {
  return reply.headers(pageHeaders()).send(invitationResultPage(result));
}
