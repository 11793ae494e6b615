/** An access policy: under which conditions a token is refused, lives otherwise, or asks more of its person. Data only. */
export interface Policy {
  readonly id: string;
  readonly organizationId: string;
  /** Set by operators: it counts for every token, not only those of the organization's apps and APIs. */
  readonly serverWide: boolean;
  readonly name: string;
  readonly description?: string;
  readonly mode: PolicyMode;
  /** By name, all of which have to be met. As they were stored: a program may not know every one of them. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly outcome: PolicyOutcome;
  /** Counts up from 1 with every change. */
  readonly version: number;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when it decides as it does now; a new name alone changes nothing. */
  readonly decidesFrom: number;
}

/** `report_only`: what it would do is written down and not done. */
export type PolicyMode = 'enforce' | 'report_only' | 'off';

export const POLICY_MODES: readonly PolicyMode[] = ['enforce', 'report_only', 'off'];

/** What it does where its conditions are met; the members beside `kind` are those of that kind. */
export interface PolicyOutcome {
  readonly kind: string;
  readonly [member: string]: unknown;
}

/** A policy as it was between two changes. */
export interface PolicyVersion {
  readonly version: number;
  readonly what: 'created' | 'updated' | 'deleted';
  readonly at: number;
  /** Who did it, as in the audit log. */
  readonly actor: string;
  /** What it became; of a deletion, what it was. */
  readonly policy: Policy;
}

/** Which tokens a change of a policy may concern: those that are of all that it names; without any member all of them. */
export interface PolicyReach {
  readonly clientId?: string;
  readonly resourceId?: string;
  readonly userId?: string;
  /** That of the client, or of the API. */
  readonly organizationId?: string;
}

/** A change that tokens issued before it were not judged by. */
export interface PolicyChange extends PolicyReach {
  readonly epoch: number;
  /** Milliseconds. */
  readonly at: number;
}

/** No token that was issued before a change lives longer than this after it. Milliseconds. */
export const POLICY_CHANGE_COUNTS_MS = 24 * 3600 * 1000;

/**
 * A change is written down some time after it was asked for, the clocks of nodes differ, and another node may have judged
 * by what was known a second ago. Until then a token that does not say it was judged by the change was not.
 */
export function judgedBefore(at: number): number {
  return at + 600_000;
}

/**
 * What somebody else knows of a person: that their account may be in other hands.
 */
export interface RiskSignal {
  readonly id: string;
  readonly userId: string;
  readonly level: RiskLevel;
  /** What raised it, for people to read. */
  readonly reason?: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export type RiskLevel = 'low' | 'medium' | 'high';

/** Lowest first. */
export const RISK_LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high'];
