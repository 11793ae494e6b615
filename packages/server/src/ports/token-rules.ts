import type { AuditEvent } from '../domain/audit-event.ts';
import type { TokenRules } from '../domain/token-rules.ts';

export interface OrganizationTokenRules {
  /** Those that the organization has set, or the standard ones. Answers from memory where nothing can have changed. */
  of(organizationId: string): Promise<TokenRules>;
  /**
   * Sets them. Whoever remembers a personal access token that they apply to is told to ask again.
   * @param before the rules that the change was made from
   * @returns false if they are not `before` any more, or the organization is gone
   */
  set(rules: TokenRules, audit: AuditEvent, before: TokenRules): Promise<boolean>;
}
