/** Second factors as their owner sees them. No key, no seed, no hash of a code. */
import type { AuthenticatorApp, Passkey, PersonFactors } from '../../../domain/second-factor.ts';
import type { EnrolmentOutcome, FactorEnrolment } from '../../../people/factor-enrolment.ts';
import type { FactorPorts } from '../../../people/factor-ports.ts';
import type { SealedSteps } from '../../../people/sealed-steps.ts';
import type { Clock } from '../../../ports/clock.ts';
import { type Static, Type } from '../../../schema/type.ts';
import { Problem } from '../../problem.ts';
import { Seconds, toSeconds } from '../../seconds.ts';

/** What the routes of factors need. */
export interface FactorRouteDependencies {
  readonly factors: FactorPorts;
  readonly enrolments: SealedSteps<FactorEnrolment>;
  readonly clock: Clock;
}

export const FactorName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
  description: 'What its owner calls it',
});

export const NamedFactor = Type.Object({ name: FactorName }, { additionalProperties: false });

export const PasskeySchema = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('passkey'),
    name: FactorName,
    synced: Type.Boolean({ description: 'Whether it is copied between devices of its owner' }),
    created_at: Seconds('When it was added'),
    last_used_at: Type.Optional(Seconds('When it was last used')),
  },
  { title: 'Passkey' },
);

export const AuthenticatorAppSchema = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('authenticator_app'),
    name: FactorName,
    created_at: Seconds('When it was added'),
    last_used_at: Type.Optional(Seconds('When a code of it was last used')),
  },
  { title: 'AuthenticatorApp' },
);

export const RecoveryCodes = Type.Array(Type.String(), {
  description: 'Each works once; they are shown this once',
});

export const AddedFactor = Type.Object(
  {
    id: Type.String(),
    name: FactorName,
    recovery_codes: Type.Optional(RecoveryCodes),
  },
  { title: 'AddedFactor', description: 'With recovery codes where the person had none' },
);

export const SecondFactors = Type.Object(
  {
    items: Type.Array(Type.Union([PasskeySchema, AuthenticatorAppSchema])),
    recovery_codes_left: Type.Integer(),
    required: Type.Boolean({ description: 'Whether everybody needs a second factor here' }),
  },
  { title: 'SecondFactors' },
);

export function toPasskeyWire(passkey: Passkey): Static<typeof PasskeySchema> {
  return { ...toWire(passkey), type: 'passkey', synced: passkey.backedUp };
}

function toAppWire(app: AuthenticatorApp): Static<typeof AuthenticatorAppSchema> {
  return { ...toWire(app), type: 'authenticator_app' };
}

function toWire({ id, name, createdAt, lastUsedAt }: Passkey | AuthenticatorApp) {
  return {
    id,
    name,
    created_at: toSeconds(createdAt),
    ...(lastUsedAt !== undefined && { last_used_at: toSeconds(lastUsedAt) }),
  };
}

export function toFactorsWire(
  { passkeys, authenticatorApps, recoveryCodesLeft }: PersonFactors,
  required: boolean,
): Static<typeof SecondFactors> {
  const items = [...passkeys.map(toPasskeyWire), ...authenticatorApps.map(toAppWire)];
  return { items, recovery_codes_left: recoveryCodesLeft, required };
}

/** @throws Problem factor_refused, already_exists, too_many_factors, enrolment_expired */
export function toAddedWire(outcome: EnrolmentOutcome, name: string): Static<typeof AddedFactor> {
  if (outcome.outcome === 'added') {
    const { id, recoveryCodes } = outcome;
    return { id, name, ...(recoveryCodes !== undefined && { recovery_codes: [...recoveryCodes] }) };
  }
  throw refusal(outcome.outcome);
}

function refusal(outcome: Exclude<EnrolmentOutcome['outcome'], 'added'>): Problem {
  const refusals = {
    refused: () => new Problem('factor_refused', 'It did not prove itself; nothing was added'),
    taken: () => new Problem('already_exists', 'This passkey is in use already'),
    too_many: () => new Problem('too_many_factors', 'Remove one that you do not use first'),
    gone: enrolmentExpired,
  };
  return refusals[outcome]();
}

export function enrolmentExpired(): Problem {
  return new Problem('enrolment_expired', 'Begin again: the first step was too long ago, or is used');
}

/** Enrolments over the API are of a person, and of no browser. */
export function bindingOf(userId: string): string {
  return `account-api ${userId}`;
}
