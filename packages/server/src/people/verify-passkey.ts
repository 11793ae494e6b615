/**
 * Verifies what a browser answers with a passkey: the challenge, origin and relying party it was made for, presence
 * and verification of the person, the signature. Whatever is wrong with an answer, it is simply not good.
 * @spec WebAuthn Level 3 §7.1 and §7.2
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Passkey } from '../domain/second-factor.ts';
import { PASSKEY_ALGORITHMS, userHandle } from './passkey-options.ts';
import type { RelyingParty } from './relying-party.ts';

export interface ExpectedAnswer {
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

export type NewPasskey = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'signCount' | 'backupEligible' | 'backedUp' | 'transports' | 'aaguid'
>;

export interface PasskeyUse {
  readonly signCount: number;
  readonly backedUp: boolean;
  /** Whether the authenticator made sure that it is its owner (by a PIN, a finger, a face). */
  readonly userVerified: boolean;
}

/** Loaded when a passkey comes along: a fifth of a second that no start should wait for. */
const library = () => import('@simplewebauthn/server');

const TRANSPORT = /^[a-z-]{1,32}$/;

/** @param answer JSON of a PublicKeyCredential, as the browser gave it */
export async function verifyNewPasskey(
  answer: string,
  { challenge, relyingParty }: ExpectedAnswer,
): Promise<NewPasskey | undefined> {
  const response = read(answer, ['clientDataJSON', 'attestationObject']);
  if (response === undefined) return undefined;
  const { verifyRegistrationResponse } = await library();
  try {
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the library checks the rest of it
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: false,
      // Named, because the library would ask the runtime for others, and Node prints a warning about that.
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    });
    if (!verified || info === undefined) return undefined;
    const { transports = [] } = response.response;
    return {
      credentialId: info.credential.id,
      publicKey: info.credential.publicKey,
      signCount: info.credential.counter,
      backupEligible: info.credentialDeviceType === 'multiDevice',
      backedUp: info.credentialBackedUp,
      transports: Array.isArray(transports)
        ? transports.filter((each) => typeof each === 'string' && TRANSPORT.test(each)).slice(0, 8)
        : [],
      aaguid: info.aaguid,
    };
  } catch {
    return undefined;
  }
}

/** Which passkey an answer says it is of; nothing is proven yet. */
export function credentialIdOf(answer: string): string | undefined {
  return read(answer, ASSERTION)?.id;
}

const ASSERTION = ['clientDataJSON', 'authenticatorData', 'signature'] as const;

export interface ExpectedUse extends ExpectedAnswer {
  /** By itself it has to say whose it is, and that it is them. */
  readonly alone: boolean;
}

/** The count is not judged here: the store does, in the write that remembers it. */
export async function verifyPasskey(
  answer: string,
  passkey: Passkey,
  { challenge, relyingParty, alone }: ExpectedUse,
): Promise<PasskeyUse | undefined> {
  const response = read(answer, ASSERTION);
  if (response === undefined || response.id !== passkey.credentialId) return undefined;
  const { userHandle: handle } = response.response;
  const saysWhose = handle !== undefined && handle !== null && handle !== '';
  if (saysWhose ? handle !== userHandle(passkey.userId) : alone) return undefined;
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: alone,
      credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    });
    // A passkey that may be copied was so from the beginning (§7.2, step 18).
    const isEligible = info.credentialDeviceType === 'multiDevice';
    if (!verified || isEligible !== passkey.backupEligible) return undefined;
    return {
      signCount: info.newCounter,
      backedUp: info.credentialBackedUp,
      userVerified: info.userVerified,
    };
  } catch {
    return undefined;
  }
}

interface ReadAnswer {
  readonly id: string;
  readonly response: Readonly<Record<string, unknown>>;
}

/** An answer that has the named members as text, and comes from a page of ours itself: no frame of another's. */
function read(answer: string, members: readonly string[]): ReadAnswer | undefined {
  const parsed = parse(answer);
  const response = isObject(parsed) ? parsed['response'] : undefined;
  if (!isObject(parsed) || !isObject(response)) return undefined;
  const { id, rawId, type } = parsed;
  if (typeof id !== 'string' || id === '' || id !== rawId || type !== 'public-key') return undefined;
  const texts = members.map((member) => response[member]);
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const clientData = parse(Buffer.from(texts[0] ?? '', 'base64url').toString('utf8'));
  if (!isObject(clientData) || clientData['crossOrigin'] === true) return undefined;
  return { ...parsed, id, response };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
