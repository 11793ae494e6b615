/** `/signup` and `/recover`: ask for an address, and send a link there. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../http/app.ts';
import { requestRecovery } from '../../people/recovery.ts';
import { requestSignUp } from '../../people/sign-up.ts';
import type { SealMail } from '../../ports/outbox.ts';
import { Form } from '../../protocol/form.ts';
import {
  mailRequestClosedPage,
  type MailRequestError,
  type MailRequestKind,
  mailRequestPage,
  mailSentPage,
} from '../account/mail-request-page.ts';
import { appLabel } from '../app-label.ts';
import {
  type AccountFlow,
  formTokenOf,
  mailLinkPorts,
  OF_PASSWORD,
  openLink,
  sendPage,
} from './account-flow.ts';
import { waitingRequest } from './authorization-flow.ts';

/** Where the link of a recovery leads in the end. */
export const NEW_PASSWORD_PATH = '/recover/new-password';

export function registerMailRequests(app: FastifyInstance, account: AccountFlow): void {
  app.get('/signup', (request, reply) => ask('sign_up', new Form(request.query), request, reply, account));
  app.post('/signup', (request, reply) => send('sign_up', new Form(request.body), request, reply, account));
  app.get('/recover', (request, reply) => {
    const query = new Form(request.query);
    const secret = query.get('link');
    if (secret !== undefined) return openLink(secret, OF_PASSWORD, NEW_PASSWORD_PATH, reply, account);
    return ask('recovery', query, request, reply, account);
  });
  app.post('/recover', (request, reply) => send('recovery', new Form(request.body), request, reply, account));
}

/** How mails are sealed, or why none is sent. */
function doorOf(
  kind: MailRequestKind,
  { signUp, sealMail }: AccountFlow,
): SealMail | 'closed' | 'invited' | 'no_mail' {
  if (kind === 'sign_up' && signUp === 'off') return 'closed';
  if (kind === 'sign_up' && signUp === 'invited') return 'invited';
  return sealMail ?? 'no_mail';
}

async function ask(
  kind: MailRequestKind,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const door = doorOf(kind, account);
  if (typeof door === 'string') return sendPage(reply.code(403), mailRequestClosedPage(kind, door));
  return await show(kind, form, request, reply, account, {});
}

async function send(
  kind: MailRequestKind,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const door = doorOf(kind, account);
  if (typeof door === 'string') return sendPage(reply.code(403), mailRequestClosedPage(kind, door));
  const email = form.get('email') ?? '';
  if (!account.flow.browser.isOwnForm(request, form.get('form_token'), undefined)) {
    return await show(kind, form, request, reply.code(403), account, { email, error: 'form_expired' });
  }
  const { at, address, requestId } = requestContext(request, account.flow.clock);
  const ports = mailLinkPorts(account, door);
  const asked = { email, at, address, requestId };
  const waits =
    kind === 'sign_up' ? await waitingRequest(form.get('interaction'), request, account.flow) : undefined;
  const sent =
    kind === 'sign_up'
      ? await requestSignUp({ ...asked, interaction: waits && form.get('interaction') }, ports)
      : await requestRecovery(asked, ports);
  if (sent.outcome === 'sent') return sendPage(reply, mailSentPage(kind, email.trim()));
  if (sent.outcome === 'not_an_address') {
    return await show(kind, form, request, reply.code(400), account, { email, error: 'not_an_address' });
  }
  const { retryAfterSeconds } = sent;
  reply.code(429).header('retry-after', String(retryAfterSeconds));
  return await show(kind, form, request, reply, account, { email, error: 'too_many', retryAfterSeconds });
}

async function show(
  kind: MailRequestKind,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  account: AccountFlow,
  shown: {
    readonly email?: string;
    readonly error?: MailRequestError;
    readonly retryAfterSeconds?: number;
  },
): Promise<FastifyReply> {
  const waiting = await waitingRequest(form.get('interaction'), request, account.flow);
  return sendPage(
    reply,
    mailRequestPage({
      kind,
      // An app that waits no longer is no reason to keep anybody from an account.
      interaction: waiting && form.get('interaction'),
      clientName: waiting && appLabel(waiting.client, waiting.authorization.redirectUri),
      formToken: formTokenOf(request, reply, account),
      ...shown,
    }),
  );
}
