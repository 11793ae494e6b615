import type { AuditEvent } from '../domain/audit-event.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type { AuthenticatorApp, Passkey, PersonFactors } from '../domain/second-factor.ts';

/** What a change of somebody's factors leaves besides, in the same transaction. */
export interface FactorChange {
  readonly audit: AuditEvent;
  /** To the owner; absent where no mail is sent. */
  readonly mail?: SealedMail | undefined;
}

/** What a new factor brings along. */
export interface NewFactorChange extends FactorChange {
  /** Hashes of codes that the person is given where they have none. */
  readonly recoveryCodes: readonly Uint8Array[];
  /** By a password alone nobody adds a second one. */
  readonly onlyAsFirst?: boolean | undefined;
}

/**
 * `taken`: somebody has this passkey. `too_many`: no more of this kind. `absent`: there is no such person.
 * `not_first`: they have one. With codes: they were kept, because the person had none.
 */
export type AddedFactor = 'added' | 'added_with_codes' | 'taken' | 'too_many' | 'absent' | 'not_first';

/** `last`: it is the person's last factor, and was to stay. */
export type RemovedFactor = 'removed' | 'absent' | 'last';

export interface SecondFactors {
  of(userId: string): Promise<PersonFactors>;
  findPasskey(credentialId: string): Promise<Passkey | undefined>;

  addPasskey(passkey: Passkey, change: NewFactorChange): Promise<AddedFactor>;
  addAuthenticatorApp(app: AuthenticatorApp, change: NewFactorChange): Promise<AddedFactor>;

  /** False if the person has no such factor. */
  rename(userId: string, id: string, name: string, audit: AuditEvent): Promise<boolean>;
  /** Recovery codes go with the last factor. */
  remove(userId: string, id: string, keepLast: boolean, change: FactorChange): Promise<RemovedFactor>;
  /** Every factor and recovery code. False if there was none. */
  removeAll(userId: string, change: FactorChange): Promise<boolean>;

  /**
   * Notes a use of a passkey in one conditional write.
   * @param signCount what it said this time; never twice the same unless it is always 0 (WebAuthn §6.1.1)
   * @returns false if it does not count on: there may be a copy of it
   */
  usePasskey(id: string, signCount: number, backedUp: boolean, at: number): Promise<boolean>;
  /** Takes a time step of an app; of any number of parallel calls one answers true. False for a step in the past. */
  useTimeStep(id: string, step: number, at: number): Promise<boolean>;
  /** Takes a recovery code; of any number of parallel calls one answers true. */
  useRecoveryCode(userId: string, hash: Uint8Array, at: number, change: FactorChange): Promise<boolean>;
  /** New ones in the place of all others. False if the person has no factor. */
  replaceRecoveryCodes(
    userId: string,
    hashes: readonly Uint8Array[],
    at: number,
    change: FactorChange,
  ): Promise<boolean>;
}
