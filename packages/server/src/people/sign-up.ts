/**
 * Making one's own account: first the address is proven by a link, then a name and a password are chosen. Until then
 * there is no account, so nobody can take an address that is not theirs. A known address gets the same answer after
 * the same work, and a mail that says so.
 * @spec OWASP ASVS 5.0 §6.3.8
 */
import { isMailAddress } from '../domain/mail-message.ts';
import { normalizeEmail, type User, USER_ID_PREFIX } from '../domain/user.ts';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';
import { AlreadyExists } from '../ports/store-errors.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent, type Occasion } from './account-event.ts';
import { signUpKnownMail, signUpMail } from './account-mails.ts';
import { drawMailLink, findMailLink } from './mail-link.ts';
import { takeMail } from './mail-requests.ts';
import { type PasswordFault, type Passwords, validateNewPassword } from './password.ts';

/** What asking for a mail with a link comes to. */
export type MailOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'not_an_address' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number };

export interface MailLinkPorts {
  /** Without a slash at its end. */
  readonly issuer: string;
  readonly users: Pick<Users, 'findByEmail'>;
  readonly mailLinks: Pick<MailLinks, 'create'>;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  readonly sealMail: SealMail;
  readonly random: Random;
}

/** @param asked `email` as typed; `interaction`: the app that waits in this browser @throws StoreUnavailable */
export async function requestSignUp(
  asked: Occasion & { readonly email: string; readonly interaction?: string | undefined },
  ports: MailLinkPorts,
): Promise<MailOutcome> {
  const { issuer, users, mailLinks, attemptLimits, sealMail, random } = ports;
  const email = normalizeEmail(asked.email);
  if (!isMailAddress(email)) return { outcome: 'not_an_address' };
  const { at, address, interaction } = asked;
  const retryAfterSeconds = await takeMail(email, address, at, attemptLimits);
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };

  const known = await users.findByEmail(email);
  const { link, secret } = drawMailLink('sign_up', { email, interaction }, at, random, known === undefined);
  const mail =
    known === undefined ? signUpMail(issuer, email, secret, link.expiresAt) : signUpKnownMail(issuer, email);
  const event = {
    type: 'sign_up.requested',
    outcome: 'success',
    actor: 'anonymous',
    ...(known !== undefined && { userId: known.id }),
  } as const;
  await mailLinks.create(link, sealMail(mail, at), accountEvent(asked, event, random));
  return { outcome: 'sent' };
}

export interface SignUpPorts {
  readonly users: Pick<Users, 'create'>;
  readonly mailLinks: Pick<MailLinks, 'find'>;
  readonly passwords: Pick<Passwords, 'hashPassword'>;
  readonly random: Random;
}

export type SignUpOutcome =
  | { readonly outcome: 'signed_up'; readonly user: User }
  /** Used, expired, ended, not one of ours, or the address has got an account meanwhile. */
  | { readonly outcome: 'link_gone' }
  | { readonly outcome: 'bad_name' }
  | { readonly outcome: 'bad_password'; readonly fault: PasswordFault };

/** @throws PasswordQueueFull, StoreUnavailable */
export async function completeSignUp(
  chosen: Occasion & {
    readonly secret: string | undefined;
    readonly displayName: string;
    readonly password: string;
  },
  { users, mailLinks, passwords, random }: SignUpPorts,
): Promise<SignUpOutcome> {
  const { at, secret, password } = chosen;
  const link = await findMailLink(secret, ['sign_up'], at, mailLinks);
  if (link === undefined) return { outcome: 'link_gone' };
  const displayName = chosen.displayName.trim();
  if (!isDisplayName(displayName)) return { outcome: 'bad_name' };
  const fault = validateNewPassword(password);
  if (fault !== undefined) return { outcome: 'bad_password', fault };

  const suffix = Buffer.from(random(16)).toString('base64url');
  const user: User = {
    id: `${USER_ID_PREFIX}${suffix}`,
    email: link.email,
    emailVerified: true,
    displayName,
    role: 'member',
    status: 'active',
    organizationId: `org_${suffix}`,
    claims: {},
    passwordHash: await passwords.hashPassword(password),
    createdAt: at,
    updatedAt: at,
  };
  const event = {
    type: 'user.created',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    detail: { by: 'sign_up' },
  } as const;
  try {
    const made = await users.create(user, accountEvent(chosen, event, random), {
      link: { hash: link.hash, at },
    });
    return made ? { outcome: 'signed_up', user } : { outcome: 'link_gone' };
  } catch (error) {
    if (error instanceof AlreadyExists) return { outcome: 'link_gone' };
    throw error;
  }
}

/** What a person may be called: one line of text that every database can keep. */
export function isDisplayName(name: string): boolean {
  return name !== '' && name.length <= 200 && name.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(name);
}
