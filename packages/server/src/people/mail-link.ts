/**
 * Links in mails: a random secret, good once and for fifteen minutes, of which only the hash is kept. Their address is
 * made of the issuer, never of what a request calls this server.
 * @spec OWASP ASVS 5.0 §6.4.3, §6.5.1
 */
import { createTokenString, hashTokenString, parseTokenString } from '@tessera/tokens';
import { MAIL_LINK_LIFETIME_MS, type MailLink, type MailLinkPurpose } from '../domain/mail-link.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { Random } from '../ports/random.ts';

export interface NewMailLink {
  readonly link: MailLink;
  /** Goes into the mail alone. */
  readonly secret: string;
}

/**
 * @param about whose, and where it is sent
 * @param isGood false: a link that nobody can use. Where no account is to be changed one is kept all the same, so that
 * both ways take the same time
 */
export function drawMailLink(
  purpose: MailLinkPurpose,
  about: Pick<MailLink, 'email'> & {
    readonly userId?: string | undefined;
    readonly interaction?: string | undefined;
  },
  at: number,
  random: Random,
  isGood = true,
): NewMailLink {
  const secret = createTokenString('ml', random);
  const { email, userId, interaction } = about;
  return {
    secret,
    link: {
      hash: hashTokenString(secret),
      purpose,
      email,
      ...(userId !== undefined && { userId }),
      ...(interaction !== undefined && { interaction }),
      createdAt: at,
      expiresAt: isGood ? at + MAIL_LINK_LIFETIME_MS : at,
    },
  };
}

/** The good link behind a secret, if it is for one of these purposes. Strings of another form are not looked up. */
export async function findMailLink(
  secret: string | undefined,
  purposes: readonly MailLinkPurpose[],
  now: number,
  mailLinks: Pick<MailLinks, 'find'>,
): Promise<MailLink | undefined> {
  if (secret === undefined || parseTokenString(secret)?.kind !== 'ml') return undefined;
  const link = await mailLinks.find(hashTokenString(secret), now);
  return link !== undefined && purposes.includes(link.purpose) ? link : undefined;
}
