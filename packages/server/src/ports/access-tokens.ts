import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { OneTimeUse } from './used-identifiers.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

/** A token's row with the state of everything it hangs from. */
export interface AccessTokenState {
  readonly row: AccessTokenRow;
  /** When the token, its grant or its user's account was ended; absent while all are good. */
  readonly endedAt?: number;
  /** When (milliseconds) and how the person of its grant signed in. */
  readonly signIn?: { readonly authTime: number; readonly amr: readonly string[] };
}

export interface AccessTokens {
  /** Resolves when the row is durable. @throws StoreUnavailable */
  issue(row: AccessTokenRow): Promise<void>;
  /**
   * The row of a token without a grant, and identifiers that count once, in one transaction.
   * @param at milliseconds
   * @returns the first identifier that had been used before: then there is no row. Otherwise undefined, once all is durable
   */
  issueOnce(row: AccessTokenRow, uses: readonly OneTimeUse[], at: number): Promise<OneTimeUse | undefined>;
  find(id: Uint8Array): Promise<AccessTokenState | undefined>;
  /** False if it was unknown or had been revoked before. */
  revoke(id: Uint8Array, at: number, audit: AuditEvent): Promise<boolean>;
  list(
    filter: OwnedFilter & { readonly clientId?: string; readonly userId?: string; readonly liveAt?: number },
    page: PageRequest,
  ): Promise<Page<AccessTokenState>>;
}
