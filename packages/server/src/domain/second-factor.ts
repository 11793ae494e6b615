/** A key pair of a person's device: signs them in by itself, or after a password (WebAuthn Level 3 §4). */
export interface Passkey {
  /** Starts with `psk_`. */
  readonly id: string;
  readonly userId: string;
  /** What the authenticator calls it, base64url. */
  readonly credentialId: string;
  /** COSE_Key. */
  readonly publicKey: Uint8Array;
  /** What its owner calls it. */
  readonly name: string;
  /** How often it has signed, as it says; 0 where it does not count. */
  readonly signCount: number;
  /** Whether it may be copied to other devices of its owner; it never changes. */
  readonly backupEligible: boolean;
  /** Whether it has been. */
  readonly backedUp: boolean;
  /** How browsers reach it, as they said. */
  readonly transports: readonly string[];
  /** The model of the authenticator; zeros where it does not say. */
  readonly aaguid: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}

/** An app that shows one-time codes (RFC 6238). */
export interface AuthenticatorApp {
  /** Starts with `otp_`. */
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** What the codes are made from, sealed under the master key. */
  readonly sealedSeed: Uint8Array;
  /** The last time step a code of which was used: this one and those before it are no good any more. */
  readonly lastStep: number;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}

/** What a person can prove themselves with besides their password. */
export interface PersonFactors {
  readonly passkeys: readonly Passkey[];
  readonly authenticatorApps: readonly AuthenticatorApp[];
  /** Recovery codes that have not been used. */
  readonly recoveryCodesLeft: number;
}

export const PASSKEY_LIMIT = 20;
/** Each one more is one more code that a guess may hit. */
export const AUTHENTICATOR_APP_LIMIT = 3;

/** Whether a password alone does not sign this person in. Recovery codes stand in for a factor, and are none. */
export function hasSecondFactor({ passkeys, authenticatorApps }: PersonFactors): boolean {
  return passkeys.length > 0 || authenticatorApps.length > 0;
}
