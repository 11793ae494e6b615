/**
 * Another address for an account: it is confirmed by a link to the new one, and the old one is told. Until then, and
 * where the new one belongs to somebody else, nothing changes, and who asked cannot tell the one from the other.
 * @spec OWASP ASVS 5.0 §6.3.7, §6.3.8
 */
import { isMailAddress } from '../domain/mail-message.ts';
import type { MailLink } from '../domain/mail-link.ts';
import { normalizeEmail, type User } from '../domain/user.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';
import { AlreadyExists } from '../ports/store-errors.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent, type Occasion } from './account-event.ts';
import { changeEmailKnownMail, changeEmailMail, emailChangedMail, verifyEmailMail } from './account-mails.ts';
import { drawMailLink, findMailLink } from './mail-link.ts';
import { takeMail } from './mail-requests.ts';
import type { MailLinkPorts, MailOutcome } from './sign-up.ts';

/** @param asked `email` as typed @throws StoreUnavailable */
export async function requestEmailChange(
  asked: Occasion & { readonly user: User; readonly email: string },
  ports: MailLinkPorts,
): Promise<MailOutcome> {
  const { issuer, users, mailLinks, attemptLimits, sealMail, random } = ports;
  const email = normalizeEmail(asked.email);
  if (!isMailAddress(email)) return { outcome: 'not_an_address' };
  const { at, address, user } = asked;
  const retryAfterSeconds = await takeMail(email, address, at, attemptLimits);
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };

  const isFree = (await users.findByEmail(email)) === undefined;
  const { link, secret } = drawMailLink('change_email', { email, userId: user.id }, at, random, isFree);
  const mail = isFree
    ? changeEmailMail(issuer, email, secret, link.expiresAt)
    : changeEmailKnownMail(issuer, email);
  const event = {
    type: 'email_change.requested',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
  } as const;
  await mailLinks.create(link, sealMail(mail, at), accountEvent(asked, event, random));
  return { outcome: 'sent' };
}

/** A link to the address the account has, for who has not confirmed it yet. @throws StoreUnavailable */
export async function requestVerification(
  asked: Occasion & { readonly user: User },
  ports: Omit<MailLinkPorts, 'users'>,
): Promise<MailOutcome> {
  const { issuer, mailLinks, attemptLimits, sealMail, random } = ports;
  const { at, address, user } = asked;
  if (!isMailAddress(user.email)) return { outcome: 'not_an_address' };
  const retryAfterSeconds = await takeMail(user.email, address, at, attemptLimits);
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };
  const { link, secret } = drawMailLink('verify_email', { email: user.email, userId: user.id }, at, random);
  const mail = verifyEmailMail(issuer, user.email, secret, link.expiresAt);
  const event = {
    type: 'email_verification.requested',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
  } as const;
  await mailLinks.create(link, sealMail(mail, at), accountEvent(asked, event, random));
  return { outcome: 'sent' };
}

export interface EmailConfirmationPorts {
  readonly issuer: string;
  readonly users: Pick<Users, 'find' | 'update'>;
  readonly mailLinks: Pick<MailLinks, 'find'>;
  readonly sealMail: SealMail | undefined;
  readonly random: Random;
}

export type EmailConfirmation =
  | { readonly outcome: 'confirmed'; readonly email: string }
  | { readonly outcome: 'link_gone' };

/** @throws StoreUnavailable */
export async function confirmEmail(
  opened: Occasion & { readonly secret: string | undefined },
  ports: EmailConfirmationPorts,
): Promise<EmailConfirmation> {
  const { at, secret } = opened;
  const { users, mailLinks, random } = ports;
  const link = await findMailLink(secret, ['verify_email', 'change_email'], at, mailLinks);
  const before = link?.userId === undefined ? undefined : await users.find(link.userId);
  if (link === undefined || before?.status !== 'active') return { outcome: 'link_gone' };
  const isChange = link.purpose === 'change_email';
  if (!isChange && before.email !== link.email) return { outcome: 'link_gone' };
  const after: User = {
    ...before,
    email: link.email,
    emailVerified: true,
    updatedAt: Math.max(at, before.updatedAt + 1),
  };
  const event = {
    type: isChange ? 'email.changed' : 'email.verified',
    outcome: 'success',
    actor: before.id,
    userId: before.id,
  } as const;
  const by = { link: { hash: link.hash, at }, mails: notices(link, before, at, ports) };
  try {
    const changed = await users.update(after, accountEvent(opened, event, random), before, by);
    return changed ? { outcome: 'confirmed', email: link.email } : { outcome: 'link_gone' };
  } catch (error) {
    // Somebody else has got the address since the link was sent.
    if (error instanceof AlreadyExists) return { outcome: 'link_gone' };
    throw error;
  }
}

/** The old address is told, if a mail can be written to it. */
function notices(link: MailLink, before: User, at: number, { issuer, sealMail }: EmailConfirmationPorts) {
  const isTold = link.purpose === 'change_email' && isMailAddress(before.email);
  return sealMail === undefined || !isTold ? [] : [sealMail(emailChangedMail(issuer, before.email), at)];
}
