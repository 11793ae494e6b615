/**
 * The end of an account, by its owner. Its sessions, consents, grants and tokens end with it; what it said about the
 * person goes; the audit log keeps that it was there.
 * @spec OWASP ASVS 5.0 §7.5.3
 */
import { isMailAddress } from '../domain/mail-message.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Users } from '../ports/users.ts';
import { accountEvent } from './account-event.ts';
import { accountDeletedMail } from './account-mails.ts';
import { type Confirmation, type ConfirmPorts, confirmPerson, type PersonProof } from './confirm-person.ts';

export interface DeleteAccountPorts extends ConfirmPorts {
  readonly issuer: string;
  readonly users: Pick<Users, 'delete'>;
  readonly sealMail: SealMail | undefined;
}

export type AccountDeletion =
  | { readonly outcome: 'deleted' }
  | Exclude<Confirmation, { readonly outcome: 'confirmed' }>;

/** @throws LastAdministrator, PasswordQueueFull, StoreUnavailable */
export async function deleteAccount(proof: PersonProof, ports: DeleteAccountPorts): Promise<AccountDeletion> {
  const { at, user } = proof;
  const { issuer, users, sealMail, random } = ports;
  const confirmation = await confirmPerson(proof, ports);
  if (confirmation.outcome !== 'confirmed') return confirmation;
  const event = {
    type: 'user.deleted',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    detail: { by: 'person' },
  } as const;
  const mails =
    sealMail === undefined || !isMailAddress(user.email)
      ? []
      : [sealMail(accountDeletedMail(issuer, user.email), at)];
  await users.delete(user.id, accountEvent(proof, event, random), { mails });
  return { outcome: 'deleted' };
}
