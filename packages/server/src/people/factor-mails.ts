/** What the owner of an account is told when their factors change: in time to object. @spec OWASP ASVS 5.0 §6.3.7 */
import { isMailAddress, type SealedMail } from '../domain/mail-message.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Owner } from './factor-ports.ts';

export type FactorKind = 'passkey' | 'authenticator_app';

const NAMES: Readonly<Record<FactorKind, string>> = {
  passkey: 'passkey',
  authenticator_app: 'authenticator app',
};

const TITLES: Readonly<Record<FactorKind, string>> = {
  passkey: 'A passkey',
  authenticator_app: 'An authenticator app',
};

const NOT_YOU =
  'If this was not you, somebody may be in your account: sign in, change your password, and look at your passkeys and codes. If you cannot sign in, ask whoever runs this server.';

export function factorAddedMail(
  owner: Owner,
  kind: FactorKind,
  name: string,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  const what = `A new ${NAMES[kind]}, called "${name}", was added to your account.`;
  return mail(owner, `${TITLES[kind]} was added to your account`, what, at, sealMail);
}

export function factorRemovedMail(
  owner: Owner,
  kind: FactorKind,
  name: string,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  const what = `The ${NAMES[kind]} called "${name}" was removed from your account.`;
  return mail(owner, `${TITLES[kind]} was removed from your account`, what, at, sealMail);
}

export function factorsResetMail(
  owner: Owner,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  const what =
    'An administrator removed every passkey, authenticator app and recovery code from your account. Your password alone signs you in until you add a second factor.';
  return mail(owner, 'Your second factors were removed', what, at, sealMail);
}

export function recoveryCodesMail(
  owner: Owner,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  const what = 'New recovery codes were made for your account. The old ones are no good any more.';
  return mail(owner, 'New recovery codes for your account', what, at, sealMail);
}

export function recoveryCodeUsedMail(
  owner: Owner,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  const what = 'Somebody signed in to your account with one of your recovery codes.';
  return mail(owner, 'A recovery code was used', what, at, sealMail);
}

/** None where nothing would deliver it, or the address of the account is none that mail can be sent to. */
function mail(
  { email, displayName }: Owner,
  subject: string,
  what: string,
  at: number,
  sealMail: SealMail | undefined,
): SealedMail | undefined {
  if (sealMail === undefined || !isMailAddress(email)) return undefined;
  const text = `Hello ${displayName},\n\n${what}\n\n${NOT_YOU}\n`;
  return sealMail({ to: email, subject, text, purpose: 'factors_changed' }, at);
}
