/**
 * A person adds a second factor, in two steps: they are given a challenge or a seed, and show that they have what it
 * takes. Nothing is kept before that. @spec WebAuthn Level 3 §7.1, NIST SP 800-63B-4 §4.1
 */
import type { PersonFactors } from '../domain/second-factor.ts';
import type { AddedFactor, NewFactorChange } from '../ports/second-factors.ts';
import { CODE_METHODS, passkeyMethods } from './authentication-methods.ts';
import { factorEvent } from './factor-event.ts';
import { factorAddedMail, type FactorKind } from './factor-mails.ts';
import type { FactorContext, FactorPorts, Owner } from './factor-ports.ts';
import { type CreationOptions, creationOptions, newChallenge } from './passkey-options.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { sealSeed } from './seed-box.ts';
import { base32, matchingStep, newSeed, otpauthUri } from './time-codes.ts';
import { verifyNewPasskey } from './verify-passkey.ts';

export const ENROLMENT_LIFETIME_MS = 15 * 60_000;

/** Sealed, it is with the person until they come back with the second step. */
export type FactorEnrolment = PasskeyEnrolment | AppEnrolment;

interface PasskeyEnrolment {
  readonly kind: 'passkey';
  readonly challenge: string;
  readonly userId: string;
  readonly expiresAt: number;
}

interface AppEnrolment {
  readonly kind: 'authenticator_app';
  /** Of the app that is to be. */
  readonly id: string;
  /** base64url. */
  readonly seed: string;
  readonly userId: string;
  readonly expiresAt: number;
}

export function beginPasskey(
  owner: Owner,
  { passkeys }: PersonFactors,
  at: number,
  { random, relyingParty }: Pick<FactorPorts, 'random' | 'relyingParty'>,
): { readonly enrolment: FactorEnrolment; readonly options: CreationOptions } | undefined {
  if (relyingParty === undefined) return undefined;
  const challenge = newChallenge(random);
  return {
    enrolment: { kind: 'passkey', challenge, userId: owner.id, expiresAt: at + ENROLMENT_LIFETIME_MS },
    options: creationOptions(challenge, owner, passkeys, relyingParty),
  };
}

export interface ShownSeed {
  /** As a person types it. */
  readonly secret: string;
  /** What the QR code says. */
  readonly uri: string;
}

export function beginAuthenticatorApp(
  owner: Owner,
  at: number,
  random: FactorPorts['random'],
): { readonly enrolment: FactorEnrolment } & ShownSeed {
  const seed = newSeed(random);
  const enrolment = {
    kind: 'authenticator_app',
    id: newFactorId('otp', random),
    seed: Buffer.from(seed).toString('base64url'),
    userId: owner.id,
    expiresAt: at + ENROLMENT_LIFETIME_MS,
  } as const;
  return { enrolment, ...showSeed(enrolment, owner) };
}

/** The same seed again: the code that was typed did not fit. */
export function showSeed({ seed }: AppEnrolment, owner: Owner): ShownSeed {
  const bytes = Buffer.from(seed, 'base64url');
  return { secret: base32(bytes), uri: otpauthUri('Tessera', owner.email, bytes) };
}

export type EnrolmentOutcome =
  | {
      readonly outcome: 'added';
      readonly id: string;
      /** How the person has just proven themselves with it. */
      readonly methods: readonly string[];
      /** To be shown once; present where the person had none. */
      readonly recoveryCodes?: readonly string[];
    }
  | { readonly outcome: 'refused' | 'taken' | 'too_many' | 'gone' };

export interface GivenFactor {
  /** A passkey's answer as the browser gave it, or a code as it was typed. */
  readonly answer: string;
  readonly name: string;
  /** The person has shown a password alone. */
  readonly onlyAsFirst?: boolean | undefined;
}

/** @param enrolment opened for this person just now @throws StoreUnavailable */
export async function finishEnrolment(
  enrolment: FactorEnrolment,
  given: GivenFactor,
  owner: Owner,
  context: FactorContext,
  ports: FactorPorts,
): Promise<EnrolmentOutcome> {
  if (enrolment.userId !== owner.id) return { outcome: 'gone' };
  return enrolment.kind === 'passkey'
    ? await finishPasskey(enrolment, given, owner, context, ports)
    : await finishApp(enrolment, given, owner, context, ports);
}

async function finishPasskey(
  { challenge, expiresAt }: PasskeyEnrolment,
  given: GivenFactor,
  owner: Owner,
  context: FactorContext,
  ports: FactorPorts,
): Promise<EnrolmentOutcome> {
  const { at } = context;
  const { relyingParty, usedIdentifiers, random, secondFactors } = ports;
  if (relyingParty === undefined) return { outcome: 'gone' };
  if (!(await usedIdentifiers.remember('passkey_challenge', challenge, expiresAt, at))) {
    return { outcome: 'gone' };
  }
  const made = await verifyNewPasskey(given.answer, { challenge, relyingParty });
  if (made === undefined) return { outcome: 'refused' };
  const id = newFactorId('psk', random);
  const passkey = { ...made, id, userId: owner.id, name: given.name, createdAt: at };
  const codes = newRecoveryCodes(random);
  const about = changeFor('passkey', id, given, codes, owner, context, ports);
  const added = await secondFactors.addPasskey(passkey, about);
  return outcomeOf(added, id, passkeyMethods(passkey, false), codes);
}

async function finishApp(
  { id, seed, expiresAt }: AppEnrolment,
  given: GivenFactor,
  owner: Owner,
  context: FactorContext,
  ports: FactorPorts,
): Promise<EnrolmentOutcome> {
  const { at } = context;
  const { usedIdentifiers, random, secondFactors, sealingKey } = ports;
  const bytes = Buffer.from(seed, 'base64url');
  const lastStep = matchingStep(bytes, given.answer, at);
  if (lastStep === undefined) return { outcome: 'refused' };
  if (!(await usedIdentifiers.remember('factor_enrolment', id, expiresAt, at))) return { outcome: 'gone' };
  const sealedSeed = sealSeed(bytes, { id, userId: owner.id }, sealingKey, random);
  const app = { id, userId: owner.id, name: given.name, sealedSeed, lastStep, createdAt: at };
  const codes = newRecoveryCodes(random);
  const about = changeFor('authenticator_app', id, given, codes, owner, context, ports);
  const added = await secondFactors.addAuthenticatorApp(app, about);
  return outcomeOf(added, id, CODE_METHODS, codes);
}

function outcomeOf(
  added: AddedFactor,
  id: string,
  methods: readonly string[],
  recoveryCodes: readonly string[],
): EnrolmentOutcome {
  if (added === 'added') return { outcome: 'added', id, methods };
  if (added === 'added_with_codes') return { outcome: 'added', id, methods, recoveryCodes };
  return { outcome: added === 'absent' || added === 'not_first' ? 'gone' : added };
}

function hashesOf({ id }: Owner, codes: readonly string[]): readonly Uint8Array[] {
  return codes.map((code) => hashRecoveryCode(id, code));
}

function changeFor(
  kind: FactorKind,
  id: string,
  { name, onlyAsFirst }: GivenFactor,
  codes: readonly string[],
  owner: Owner,
  context: FactorContext,
  { random, sealMail }: FactorPorts,
): NewFactorChange {
  const event = { type: 'factor.added', outcome: 'success', detail: { kind, factor_id: id } } as const;
  return {
    audit: factorEvent(event, owner.id, context, random),
    mail: factorAddedMail(owner, kind, name, context.at, sealMail),
    recoveryCodes: hashesOf(owner, codes),
    onlyAsFirst,
  };
}

function newFactorId(prefix: 'psk' | 'otp', random: FactorPorts['random']): string {
  return `${prefix}_${Buffer.from(random(16)).toString('base64url')}`;
}
