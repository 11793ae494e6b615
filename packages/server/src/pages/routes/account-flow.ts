/** What the pages of sign-up, recovery and mailed links share. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { MailLinks } from '../../ports/mail-links.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import type { Random } from '../../ports/random.ts';
import type { Passwords } from '../../people/password.ts';
import type { MailLinkPurpose } from '../../domain/mail-link.ts';
import { findMailLink } from '../../people/mail-link.ts';
import type { MailLinkPorts } from '../../people/sign-up.ts';
import { linkGonePage } from '../account/mail-link-pages.ts';
import { pageHeaders } from '../security-headers.ts';
import { type FlowDependencies, redirect } from './authorization-flow.ts';

export interface AccountFlow {
  readonly flow: FlowDependencies;
  /** Everybody needs a second factor here: whoever has just made an account sets one up when they sign in. */
  readonly secondFactorRequired: boolean;
  readonly signUp: 'off' | 'on' | 'invited';
  readonly mailLinks: MailLinks;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'list'>;
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

/** What the link of a recovery may be for. */
export const OF_PASSWORD = ['reset_password', 'set_password'] as const;

/** As `keepLink`, for a link as it came in an address: one that is not good for this page is not kept, nor an older one. */
export async function openLink(
  secret: string,
  purposes: readonly MailLinkPurpose[],
  path: string,
  reply: FastifyReply,
  account: AccountFlow,
): Promise<FastifyReply> {
  const { flow, mailLinks } = account;
  const link = await findMailLink(secret, purposes, flow.clock(), mailLinks);
  if (link !== undefined) return keepLink(secret, path, reply, account);
  flow.browser.clearMailLink(reply);
  return redirect(reply, path);
}

/** The page for a link that was used, is too old, or never was one. */
export function gone(reply: FastifyReply, { flow, signUp: door, sealMail }: AccountFlow): FastifyReply {
  flow.browser.clearMailLink(reply);
  const recovery = sealMail !== undefined;
  return sendPage(reply.code(400), linkGonePage({ signUp: recovery && door === 'on', recovery }));
}
