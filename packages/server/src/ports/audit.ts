import type { AuditEvent } from '../domain/audit-event.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

/** Every member that is there must hold. */
export interface AuditFilter extends OwnedFilter {
  readonly type?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly clientId?: string;
  readonly userId?: string;
  readonly outcome?: AuditEvent['outcome'];
  /** Milliseconds; included. */
  readonly since?: number;
  /** Milliseconds; not included. */
  readonly until?: number;
}

export interface Audit {
  record(event: AuditEvent): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
}
