/** What a browser is asked for when a passkey is made or used, as JSON. @spec WebAuthn Level 3 §5.4 and §5.5 */
import type { Passkey } from '../domain/second-factor.ts';
import type { User } from '../domain/user.ts';
import type { Random } from '../ports/random.ts';
import type { RelyingParty } from './relying-party.ts';

/** As long as a page of ours may stay open. The browser itself ends the dialog. */
export const CHALLENGE_LIFETIME_MS = 60 * 60_000;
const DIALOG_TIMEOUT_MS = 300_000;

/** EdDSA, ES256, RS256: what authenticators know, best first (RFC 9053 §2). */
export const PASSKEY_ALGORITHMS: readonly number[] = [-8, -7, -257];

interface Descriptor {
  readonly type: 'public-key';
  readonly id: string;
  readonly transports: readonly string[];
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly userVerification: 'required' | 'preferred';
  readonly allowCredentials: readonly Descriptor[];
}

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  readonly timeout: number;
  readonly attestation: 'none';
  readonly authenticatorSelection: {
    readonly residentKey: 'preferred';
    readonly userVerification: 'preferred';
  };
  readonly excludeCredentials: readonly Descriptor[];
}

export function newChallenge(random: Random): string {
  return Buffer.from(random(32)).toString('base64url');
}

/** To sign in with nothing else: names nobody, so it says nothing about anybody. */
export function signInOptions(challenge: string, { id }: RelyingParty): RequestOptions {
  return {
    challenge,
    rpId: id,
    timeout: DIALOG_TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: [],
  };
}

/** After a password: one of this person's own. */
export function secondStepOptions(
  challenge: string,
  passkeys: readonly Passkey[],
  { id }: RelyingParty,
): RequestOptions {
  return {
    challenge,
    rpId: id,
    timeout: DIALOG_TIMEOUT_MS,
    userVerification: 'preferred',
    allowCredentials: passkeys.map(describe),
  };
}

/** For a new one. Which models may be used is nobody's business, so no attestation is asked for. */
export function creationOptions(
  challenge: string,
  { id, email, displayName }: Pick<User, 'id' | 'email' | 'displayName'>,
  known: readonly Passkey[],
  rp: RelyingParty,
): CreationOptions {
  return {
    challenge,
    rp: { id: rp.id, name: rp.name },
    user: { id: userHandle(id), name: email, displayName },
    pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: DIALOG_TIMEOUT_MS,
    attestation: 'none',
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    excludeCredentials: known.map(describe),
  };
}

/** What a passkey says whose it is: the user id, which is random (WebAuthn §14.6.1). */
export function userHandle(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

function describe({ credentialId, transports }: Passkey): Descriptor {
  return { type: 'public-key', id: credentialId, transports };
}
