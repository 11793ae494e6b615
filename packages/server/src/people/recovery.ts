/**
 * Another password for who has none or has forgotten it, by a link to the address of the account. It signs nobody in:
 * a second factor is asked for at the sign-in that follows.
 * @spec OWASP ASVS 5.0 §6.4.3, §6.3.8; NIST SP 800-63B §4.2
 */
import { isMailAddress } from '../domain/mail-message.ts';
import { normalizeEmail, type User } from '../domain/user.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent, type Occasion } from './account-event.ts';
import { passwordChangedMail, recoveryMail, recoveryUnknownMail, setPasswordMail } from './account-mails.ts';
import { drawMailLink, findMailLink } from './mail-link.ts';
import { takeMail } from './mail-requests.ts';
import { type PasswordFault, type Passwords, validateNewPassword } from './password.ts';
import type { MailLinkPorts, MailOutcome } from './sign-up.ts';

/** @param asked `email` as typed @throws StoreUnavailable */
export async function requestRecovery(
  asked: Occasion & { readonly email: string },
  ports: MailLinkPorts,
): Promise<MailOutcome> {
  const { issuer, users, mailLinks, attemptLimits, sealMail, random } = ports;
  const email = normalizeEmail(asked.email);
  if (!isMailAddress(email)) return { outcome: 'not_an_address' };
  const { at, address } = asked;
  const retryAfterSeconds = await takeMail(email, address, at, attemptLimits);
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };

  const found = await users.findByEmail(email);
  const user = found?.status === 'active' ? found : undefined;
  const about = { email, userId: user?.id };
  const { link, secret } = drawMailLink('reset_password', about, at, random, user !== undefined);
  const mail =
    user === undefined
      ? recoveryUnknownMail(issuer, email)
      : recoveryMail(issuer, email, secret, link.expiresAt);
  const event = {
    type: 'recovery.requested',
    outcome: 'success',
    actor: 'anonymous',
    ...(found !== undefined && { userId: found.id }),
  } as const;
  await mailLinks.create(link, sealMail(mail, at), accountEvent(asked, event, random));
  return { outcome: 'sent' };
}

/** A link for somebody whose account an administrator has made or looks after. @param actor the administrator's id */
export async function sendPasswordLink(
  user: Pick<User, 'id' | 'email'>,
  occasion: Occasion & { readonly actor: string },
  {
    issuer,
    mailLinks,
    sealMail,
    random,
  }: Pick<MailLinkPorts, 'issuer' | 'mailLinks' | 'sealMail' | 'random'>,
): Promise<void> {
  const { at, actor } = occasion;
  const { link, secret } = drawMailLink('set_password', { email: user.email, userId: user.id }, at, random);
  const mail = setPasswordMail(issuer, user.email, secret, link.expiresAt);
  const event = { type: 'password_link.sent', outcome: 'success', actor, userId: user.id } as const;
  await mailLinks.create(link, sealMail(mail, at), accountEvent(occasion, event, random));
}

export interface RecoveryPorts {
  readonly issuer: string;
  readonly users: Pick<Users, 'find' | 'update'>;
  readonly mailLinks: Pick<MailLinks, 'find'>;
  readonly passwords: Pick<Passwords, 'hashPassword'>;
  readonly sealMail: SealMail | undefined;
  readonly random: Random;
}

export type RecoveryOutcome =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'link_gone' }
  | { readonly outcome: 'bad_password'; readonly fault: PasswordFault };

/** @throws PasswordQueueFull, StoreUnavailable */
export async function completeRecovery(
  chosen: Occasion & {
    readonly secret: string | undefined;
    readonly password: string;
    /** Whether the personal access tokens end, too. */
    readonly endsPersonalTokens: boolean;
  },
  ports: RecoveryPorts,
): Promise<RecoveryOutcome> {
  const { at, secret, password, endsPersonalTokens } = chosen;
  const { issuer, users, mailLinks, passwords, sealMail, random } = ports;
  const link = await findMailLink(secret, ['reset_password', 'set_password'], at, mailLinks);
  const before = link?.userId === undefined ? undefined : await users.find(link.userId);
  if (link === undefined || before?.status !== 'active' || before.email !== link.email)
    return { outcome: 'link_gone' };
  const fault = validateNewPassword(password);
  if (fault !== undefined) return { outcome: 'bad_password', fault };

  const after: User = {
    ...before,
    // Whoever has the link reads the mail there.
    emailVerified: true,
    passwordHash: await passwords.hashPassword(password),
    updatedAt: Math.max(at, before.updatedAt + 1),
  };
  const event = {
    type: 'password.changed',
    outcome: 'success',
    actor: before.id,
    userId: before.id,
    detail: { by: link.purpose, personal_access_tokens: endsPersonalTokens ? 'ended' : 'kept' },
  } as const;
  const mails =
    sealMail === undefined
      ? []
      : [sealMail(passwordChangedMail(issuer, before.email, endsPersonalTokens), at)];
  const changed = await users.update(after, accountEvent(chosen, event, random), before, {
    link: { hash: link.hash, at },
    mails,
    endsPersonalTokens,
  });
  return { outcome: changed ? 'changed' : 'link_gone' };
}
