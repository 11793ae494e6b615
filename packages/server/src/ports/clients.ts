import type { AuditEvent } from '../domain/audit-event.ts';
import type { Client } from '../domain/client.ts';
import type { Page, PageRequest } from './page.ts';

export interface Clients {
  /** On the token path: answers from memory where the store can know that nothing changed. */
  find(id: string): Promise<Client | undefined>;
  /** @throws AlreadyExists */
  create(client: Client, audit: AuditEvent): Promise<void>;
  /** Replaces the client, its secrets included. */
  update(client: Client, audit: AuditEvent): Promise<boolean>;
  /** Deletes the client with its grants, consents and tokens. */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  list(page: PageRequest): Promise<Page<Client>>;
}
