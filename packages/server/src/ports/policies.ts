import type { AuditEvent } from '../domain/audit-event.ts';
import type { Policy, PolicyChange, PolicyReach, PolicyVersion, RiskSignal } from '../domain/policy.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

/** Everything that tokens are judged by. The same object as long as it says the same. */
export interface PolicySnapshot {
  /** Counts up with each change that tokens have to be judged by anew; 0: there was none. */
  readonly epoch: number;
  /** Those that are not off, oldest first. */
  readonly policies: readonly Policy[];
  /** Of the last day. */
  readonly changes: readonly PolicyChange[];
}

export interface Policies {
  /** From memory, without a wait, where nothing can have changed. */
  snapshot(): PolicySnapshot | Promise<PolicySnapshot>;
  find(id: string): Promise<Policy | undefined>;
  list(filter: PolicyFilter, page: PageRequest): Promise<Page<Policy>>;
  /** @param reach which tokens are to be judged anew; none: no token */
  create(policy: Policy, reach: readonly PolicyReach[], audit: AuditEvent): Promise<void>;
  /**
   * Replaces the policy, and keeps what it was.
   * @param before what the change was made from; it is made only if nobody else has changed it since
   * @returns false if it is gone, or is not `before` any more
   */
  update(policy: Policy, reach: readonly PolicyReach[], audit: AuditEvent, before: Policy): Promise<boolean>;
  /** As `update`; its history stays. */
  delete(before: Policy, reach: readonly PolicyReach[], audit: AuditEvent): Promise<boolean>;
  /** Newest first; also of a policy that was deleted. */
  history(id: string, page: PageRequest): Promise<Page<PolicyVersion>>;
}

export interface PolicyFilter extends OwnedFilter {
  /** Whether those that count for every organization are shown, too. */
  readonly withServerWide: boolean;
}

/** What is known of the risk of people. */
export interface RiskSignals {
  /** Those of a person that have not expired. */
  ofUser(userId: string, at: number): Promise<readonly RiskSignal[]>;
  /** The access tokens of the person end at once; what they were got by is judged anew. @returns false: no such person */
  raise(signal: RiskSignal, audit: AuditEvent): Promise<boolean>;
  /** @returns false if the person has no such signal */
  clear(userId: string, id: string, audit: AuditEvent): Promise<boolean>;
}
