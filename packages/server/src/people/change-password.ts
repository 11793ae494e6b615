/**
 * Another password, by who knows the current one. It ends every session and grant of the account, that of the change
 * included, because whoever knew the old password is to be kept out.
 * @spec OWASP ASVS 5.0 §6.2.2, §6.2.3, §7.4.3
 */
import { isMailAddress } from '../domain/mail-message.ts';
import type { User } from '../domain/user.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent } from './account-event.ts';
import { passwordChangedMail } from './account-mails.ts';
import { type Confirmation, type ConfirmPorts, confirmPerson, type PersonProof } from './confirm-person.ts';
import { type PasswordFault, type Passwords, validateNewPassword } from './password.ts';

export interface ChangePasswordPorts extends ConfirmPorts {
  readonly issuer: string;
  readonly users: Pick<Users, 'update'>;
  readonly passwords: Passwords;
  readonly sealMail: SealMail | undefined;
}

export type PasswordChange =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'bad_password'; readonly fault: PasswordFault }
  /** Somebody else changed the account at the same moment. */
  | { readonly outcome: 'try_again' }
  | Exclude<Confirmation, { readonly outcome: 'confirmed' }>;

/** Who has a password must give it; who has none must have signed in just now. @throws PasswordQueueFull, StoreUnavailable */
export async function changePassword(
  change: PersonProof & { readonly newPassword: string; readonly endsPersonalTokens: boolean },
  ports: ChangePasswordPorts,
): Promise<PasswordChange> {
  const { at, user, newPassword, currentPassword, endsPersonalTokens } = change;
  const { issuer, users, passwords, sealMail, random } = ports;
  const fault = validateNewPassword(newPassword);
  if (fault !== undefined) return { outcome: 'bad_password', fault };
  const asked = user.passwordHash === undefined ? undefined : (currentPassword ?? '');
  const confirmation = await confirmPerson({ ...change, currentPassword: asked }, ports);
  if (confirmation.outcome !== 'confirmed') return confirmation;

  const after: User = {
    ...user,
    passwordHash: await passwords.hashPassword(newPassword),
    updatedAt: Math.max(at, user.updatedAt + 1),
  };
  const event = {
    type: 'password.changed',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    detail: { by: 'person', personal_access_tokens: endsPersonalTokens ? 'ended' : 'kept' },
  } as const;
  const mails =
    sealMail === undefined || !isMailAddress(user.email)
      ? []
      : [sealMail(passwordChangedMail(issuer, user.email, endsPersonalTokens), at)];
  const changed = await users.update(after, accountEvent(change, event, random), user, {
    mails,
    endsPersonalTokens,
  });
  return { outcome: changed ? 'changed' : 'try_again' };
}
