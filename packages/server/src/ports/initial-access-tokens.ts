import type { AuditEvent } from '../domain/audit-event.ts';
import type { InitialAccessToken } from '../domain/initial-access-token.ts';
import type { Page, PageRequest } from './page.ts';

export interface InitialAccessTokens {
  create(token: InitialAccessToken, audit: AuditEvent): Promise<void>;
  /** @param hash SHA-256 of the token */
  findByHash(hash: Uint8Array): Promise<InitialAccessToken | undefined>;
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  list(page: PageRequest): Promise<Page<InitialAccessToken>>;
}
