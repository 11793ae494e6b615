import type { AuditEvent } from '../domain/audit-event.ts';
import type { Resource } from '../domain/resource.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

export interface Resources {
  find(id: string): Promise<Resource | undefined>;
  findByIdentifier(identifier: string): Promise<Resource | undefined>;
  /** The API that takes tokens of requests that name none. */
  findDefault(): Promise<Resource | undefined>;
  /** The APIs that a client serves. */
  servedBy(clientId: string): Promise<readonly Resource[]>;
  /** @throws AlreadyExists; `isDefault` moves the mark in the same transaction. */
  create(resource: Resource, audit: AuditEvent): Promise<void>;
  /**
   * Replaces the resource.
   * @param before the resource that the change was made from; it is made only if nobody else has changed it since
   * @returns false if the resource is gone, or is not `before` any more
   */
  update(resource: Resource, audit: AuditEvent, before?: Resource): Promise<boolean>;
  /** Deletes the resource with the consents and tokens for it. */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  list(filter: OwnedFilter, page: PageRequest): Promise<Page<Resource>>;
}
