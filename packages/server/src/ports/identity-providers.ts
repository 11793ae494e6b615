import type { AuditEvent } from '../domain/audit-event.ts';
import type { IdentityProvider } from '../domain/identity-provider.ts';

export interface IdentityProviders {
  find(id: string): Promise<IdentityProvider | undefined>;
  findByIssuer(issuer: string): Promise<IdentityProvider | undefined>;
  /** All of them, oldest first: a handful. */
  list(): Promise<readonly IdentityProvider[]>;
  /** @throws AlreadyExists */
  create(provider: IdentityProvider, audit: AuditEvent): Promise<void>;
  /** @returns false if it is gone, or is not `before` any more */
  update(provider: IdentityProvider, audit: AuditEvent, before: IdentityProvider): Promise<boolean>;
  /** Its links to accounts, and the tokens kept with them, go with it. */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
}
