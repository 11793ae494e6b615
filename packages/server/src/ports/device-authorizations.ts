import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { DeviceAuthorization, DeviceDenial } from '../domain/device-authorization.ts';
import type { Grant } from '../domain/grant.ts';
import type { RefreshFamily, RefreshToken } from '../domain/refresh-token.ts';

/** Every decision over a device is one conditional write: of any number of parallel calls exactly one answers true. */
export interface DeviceAuthorizations {
  /** False if the user code is in use; draw another one. */
  start(authorization: DeviceAuthorization): Promise<boolean>;
  findByDeviceCode(hash: Uint8Array): Promise<DeviceAuthorization | undefined>;
  findByUserCode(hash: Uint8Array): Promise<DeviceAuthorization | undefined>;

  /**
   * Notes a poll.
   * @returns false if it came sooner than the interval and `toleranceMs` allow; then the interval has grown by `penaltyMs`
   */
  poll(poll: {
    readonly deviceCodeHash: Uint8Array;
    readonly at: number;
    readonly toleranceMs: number;
    readonly penaltyMs: number;
  }): Promise<boolean>;

  /** Gives the authorization to a session, and to no other from then on. True for the session that has it already. */
  claim(claim: DeviceClaim): Promise<boolean>;
  /** Takes the claim of a session back, as long as nothing is decided: another sign-in of the same person goes on with it. */
  release(claim: DeviceClaim): Promise<void>;

  /** Writes the grant; only for the session that claimed the authorization, once, before it expires. */
  approve(decision: DeviceDecision & { readonly grant: Grant }): Promise<boolean>;
  deny(decision: DeviceDecision & { readonly because?: DeviceDenial }): Promise<boolean>;

  /** Marks the device code used and writes what it bought. False if it was used, has expired, or its grant is no more. */
  redeem(redemption: {
    readonly deviceCodeHash: Uint8Array;
    readonly at: number;
    readonly accessToken: AccessTokenRow;
    readonly refresh?: { readonly family: RefreshFamily; readonly token: RefreshToken };
  }): Promise<boolean>;
}

export interface DeviceClaim {
  readonly userCodeHash: Uint8Array;
  readonly sessionId: string;
  readonly at: number;
}

export interface DeviceDecision extends DeviceClaim {
  readonly audit: AuditEvent;
}
