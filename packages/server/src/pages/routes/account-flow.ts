/** What the pages of sign-up, recovery and mailed links share. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { MailLinks } from '../../ports/mail-links.ts';
import type { Random } from '../../ports/random.ts';
import type { Passwords } from '../../people/password.ts';
import type { MailLinkPorts } from '../../people/sign-up.ts';
import { pageHeaders } from '../security-headers.ts';
import { type FlowDependencies, redirect } from './authorization-flow.ts';

export interface AccountFlow {
  readonly flow: FlowDependencies;
  /** Everybody needs a second factor here: whoever has just made an account sets one up when they sign in. */
  readonly secondFactorRequired: boolean;
  readonly signUp: 'off' | 'on' | 'invited';
  readonly mailLinks: MailLinks;
  readonly attemptLimits: AttemptLimits;
  readonly passwords: Passwords;
  /** Absent where no mail is ever delivered. */
  readonly sealMail?: SealMail;
  readonly random: Random;
}

/** What asking for a link needs. */
export function mailLinkPorts(
  { flow, mailLinks, attemptLimits, random }: AccountFlow,
  sealMail: SealMail,
): MailLinkPorts {
  const { issuer, users } = flow;
  return { issuer, users, mailLinks, attemptLimits, sealMail, random };
}

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.headers(pageHeaders()).send(page);
}

/** Of a page that belongs to this browser, whoever is signed in. */
export function formTokenOf(request: FastifyRequest, reply: FastifyReply, { flow }: AccountFlow): string {
  return flow.browser.formToken(flow.browser.ensureId(request, reply), undefined);
}

/** Takes the secret out of the address: into a cookie, and on to the page without it, so that no Referer tells it. */
export function keepLink(
  secret: string,
  path: string,
  reply: FastifyReply,
  { flow }: AccountFlow,
): FastifyReply {
  flow.browser.setMailLink(reply, secret);
  return redirect(reply, path);
}
