import type { AuditEvent } from '../domain/audit-event.ts';
import type { Page, PageRequest } from './page.ts';

export interface Audit {
  record(event: AuditEvent): Promise<void>;
  list(
    filter: {
      readonly type?: string;
      readonly actor?: string;
      readonly clientId?: string;
      readonly userId?: string;
    },
    page: PageRequest,
  ): Promise<Page<AuditEvent>>;
}
