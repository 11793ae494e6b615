/** A device that waits for a person to let it in from another one (RFC 8628 §3.2). */
export interface DeviceAuthorization {
  /** SHA-256 of the device code. */
  readonly deviceCodeHash: Uint8Array;
  /** A keyed hash: a user code is too short for a plain one. */
  readonly userCodeHash: Uint8Array;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resourceId?: string;
  /** RFC 7636, S256; absent where the client sent none. */
  readonly codeChallenge?: string;
  /** Where the request came from, for the person to compare with where the device is. */
  readonly address: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How long the client has to wait between two polls; grows when it does not. */
  readonly intervalMs: number;
  readonly polledAt?: number;
  /** The session that entered the user code: it alone may decide. */
  readonly sessionId?: string;
  /** What the person allowed; absent until then. */
  readonly grantId?: string;
  readonly deniedAt?: number;
  /** Absent: the person did not agree. */
  readonly deniedBecause?: DeviceDenial;
  readonly redeemedAt?: number;
}

export type DeviceDenial = 'access_policy';

export const DEVICE_AUTHORIZATION_LIFETIME_MS = 10 * 60_000;
export const DEVICE_POLL_INTERVAL_MS = 5000;
