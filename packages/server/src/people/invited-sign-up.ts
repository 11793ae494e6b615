/**
 * Making an account from an invitation: whoever has its link reads the mail of the invited address, so the address is
 * proven, and the account can be for no other. What comes after is the same as for every sign-up.
 * @spec OWASP ASVS 5.0 §6.4.3
 */
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { Random } from '../ports/random.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent, type Occasion } from './account-event.ts';
import type { OpenInvitation } from './invitation.ts';
import { drawMailLink } from './mail-link.ts';
import { takeMail } from './mail-requests.ts';

export interface InvitedSignUpPorts {
  readonly users: Pick<Users, 'findByEmail'>;
  readonly mailLinks: Pick<MailLinks, 'create'>;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  readonly random: Random;
}

export type InvitedSignUp =
  /** The secret of a link for a new account, good as long as one that was mailed. */
  | { readonly outcome: 'begun'; readonly secret: string }
  | { readonly outcome: 'has_account' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number };

/** @param open as `findInvitation` found it in this very request @throws StoreUnavailable */
export async function beginInvitedSignUp(
  { invitation: { id, email, organizationId } }: OpenInvitation,
  occasion: Occasion,
  { users, mailLinks, attemptLimits, random }: InvitedSignUpPorts,
): Promise<InvitedSignUp> {
  if ((await users.findByEmail(email)) !== undefined) return { outcome: 'has_account' };
  const { at, address } = occasion;
  const retryAfterSeconds = await takeMail(email, address, at, attemptLimits);
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };
  const { link, secret } = drawMailLink('sign_up', { email }, at, random);
  const event = {
    type: 'sign_up.requested',
    outcome: 'success',
    actor: 'anonymous',
    organizationId,
    detail: { invitation: id },
  } as const;
  await mailLinks.create(link, undefined, accountEvent(occasion, event, random));
  return { outcome: 'begun', secret };
}
