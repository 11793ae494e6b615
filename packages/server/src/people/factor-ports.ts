import type { SealingKey } from '@tessera/tokens';
import type { User } from '../domain/user.ts';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { Audit } from '../ports/audit.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';
import type { SecondFactors } from '../ports/second-factors.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { UsedIdentifiers } from '../ports/used-identifiers.ts';
import type { Users } from '../ports/users.ts';
import type { RelyingParty } from './relying-party.ts';

/** What the rules of second factors need from outside. */
export interface FactorPorts {
  readonly users: Pick<Users, 'find'>;
  readonly secondFactors: SecondFactors;
  readonly sessions: Sessions;
  readonly attemptLimits: Pick<AttemptLimits, 'take' | 'forget'>;
  readonly usedIdentifiers: UsedIdentifiers;
  readonly audit: Pick<Audit, 'record'>;
  readonly random: Random;
  /** Seals the seeds of authenticator apps. */
  readonly sealingKey: SealingKey;
  /** Absent where browsers give no passkeys. */
  readonly relyingParty?: RelyingParty | undefined;
  /** Absent where no mail is sent. */
  readonly sealMail?: SealMail | undefined;
  /** Everybody needs a second factor here. */
  readonly required: boolean;
}

/** What is known of a request that tries to prove something, or to change it. */
export interface FactorContext {
  /** Milliseconds. */
  readonly at: number;
  readonly address: string;
  readonly requestId?: string | undefined;
  /** Who asks, where it is not the person themselves. */
  readonly actor?: string | undefined;
}

export type Owner = Pick<User, 'id' | 'email' | 'displayName'>;
