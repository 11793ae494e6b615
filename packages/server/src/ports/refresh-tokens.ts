import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Grant } from '../domain/grant.ts';
import type { RefreshFamily, RefreshToken } from '../domain/refresh-token.ts';

/** A refresh token with all that decides over it, in one read. */
export interface RefreshTokenState {
  readonly token: RefreshToken;
  readonly family: RefreshFamily;
  readonly grant: Grant;
}

export interface RefreshRotation {
  readonly hash: Uint8Array;
  readonly at: number;
  readonly successor: RefreshToken;
  readonly accessToken: AccessTokenRow;
  /** Kept with the old token while the grace lasts and the successor is unused. */
  readonly sealedAnswer: Uint8Array;
  readonly graceMs: number;
  /** Written, with the end of the grant, when this is a reuse. */
  readonly reuseAudit: AuditEvent;
}

export type RefreshRotationOutcome =
  | { readonly outcome: 'rotated' }
  /** The successor is unused and at most `graceMs` old: the same answer again. */
  | { readonly outcome: 'repeated'; readonly sealedAnswer: Uint8Array }
  /** Rotated before, and not within the grace: the whole grant has been ended now (reason `refresh_token_reuse`). */
  | { readonly outcome: 'reused' }
  /** The token, family or grant is unknown, expired at `at`, or ended. */
  | { readonly outcome: 'gone' };

export interface RefreshTokens {
  find(hash: Uint8Array): Promise<RefreshTokenState | undefined>;

  /**
   * Replaces a refresh token by its successor in one conditional write: of any number of parallel calls exactly one
   * answers `rotated`. Writing the successor of a successor deletes the sealed answer of the one before it.
   */
  rotate(rotation: RefreshRotation): Promise<RefreshRotationOutcome>;

  /** A refresh without rotation: writes the access token and moves the idle end. */
  renew(renewal: {
    readonly hash: Uint8Array;
    readonly at: number;
    readonly expiresAt: number;
    readonly accessToken: AccessTokenRow;
  }): Promise<'renewed' | 'gone'>;
}
