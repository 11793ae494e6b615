import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { AuthorizationCode } from '../domain/authorization-code.ts';
import type { Consent } from '../domain/consent.ts';
import type { Grant, GrantEndReason } from '../domain/grant.ts';
import type { RefreshFamily, RefreshToken } from '../domain/refresh-token.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';
import type { IdentifierUse } from './used-identifiers.ts';

/** A code together with the grant it stands for. */
export interface CodeAndGrant {
  readonly code: AuthorizationCode;
  readonly grant: Grant;
}

/** Everything that redeeming a code writes; all of it or nothing. */
export interface CodeRedemption {
  readonly codeHash: Uint8Array;
  readonly at: number;
  readonly accessToken: AccessTokenRow;
  readonly refresh?: { readonly family: RefreshFamily; readonly token: RefreshToken };
  /** Written instead, with the end of the grant, when the code had been used. */
  readonly reuseAudit: AuditEvent;
}

/** A request that can be answered once: the id it is remembered by until then (milliseconds). */
export interface AnsweredRequest {
  readonly id: string;
  readonly until: number;
}

/** The use under which ids of answered requests are remembered. */
export const ANSWERED_REQUEST = 'authorization_request' satisfies IdentifierUse;

export interface Grants {
  /**
   * Writes a grant, its code and what is remembered of the consents.
   * @returns false, with nothing written, when the request that it answers was answered before
   */
  authorize(authorization: {
    readonly grant: Grant;
    readonly code: AuthorizationCode;
    /** One for each API; its scopes are added to those remembered before, and those that were refused taken away. */
    readonly consents?: readonly (Consent & { readonly refused?: readonly string[] })[];
    readonly answers?: AnsweredRequest;
    readonly audit?: AuditEvent;
    /** The session whose end the client wants to be told of, and when that is forgotten, in milliseconds. */
    readonly toldOfSignOut?: { readonly sid: string; readonly until: number };
  }): Promise<boolean>;

  /** Writes a grant that nobody was asked for on a page, with the access token it was made for. */
  begin(beginning: {
    readonly grant: Grant;
    readonly accessToken: AccessTokenRow;
    readonly audit: AuditEvent;
  }): Promise<void>;

  findCode(hash: Uint8Array): Promise<CodeAndGrant | undefined>;

  /**
   * Marks the code used and writes what it bought, in one conditional write: of any number of parallel calls exactly
   * one answers `redeemed`. A call that finds the code used ends the grant (reason `code_reuse`) and answers `used`.
   * `gone`: the code or its grant no longer exists, has expired at `at`, or the grant has ended.
   */
  redeemCode(redemption: CodeRedemption): Promise<'redeemed' | 'used' | 'gone'>;

  find(id: string): Promise<Grant | undefined>;
  /** Ends the grant, and with it its code, refresh families and access tokens. False if it had ended before. */
  end(id: string, reason: GrantEndReason, at: number, audit: AuditEvent): Promise<boolean>;
  list(
    filter: OwnedFilter & { readonly userId?: string; readonly clientId?: string },
    page: PageRequest,
  ): Promise<Page<Grant>>;
}
