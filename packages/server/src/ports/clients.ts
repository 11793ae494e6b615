import type { AuditEvent } from '../domain/audit-event.ts';
import type { Client } from '../domain/client.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

export interface Clients {
  /** On the token path: answers from memory where the store can know that nothing changed. */
  find(id: string): Promise<Client | undefined>;
  /** @throws AlreadyExists */
  create(client: Client, audit: AuditEvent): Promise<void>;
  /**
   * Replaces the client, its secrets included.
   * @param before the client that the change was made from; it is made only if nobody else has changed it since
   * @returns false if the client is gone, or is not `before` any more
   */
  update(client: Client, audit: AuditEvent, before?: Client): Promise<boolean>;
  /** Deletes the client with its grants, consents and tokens; no API is served by it any more. */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  list(filter: OwnedFilter, page: PageRequest): Promise<Page<Client>>;
}
