import type { User } from './user.ts';

/** What makes a client an agent: an app that acts for an owner, and only as long as that person stands for it. */
export interface AgentDetails {
  /** The person whom it acts for, and who alone may let it. */
  readonly ownerId: string;
  /** What it is for, in the owner's words. */
  readonly purpose: string;
  /** What it may ever ask for; nothing else, whatever an API gives to every app. */
  readonly permissions: readonly AgentPermission[];
  /** Milliseconds; from then on it gets no tokens until its owner confirms it. */
  readonly reviewAt: number;
  /** When the owner last said that it is still needed. */
  readonly confirmedAt: number;
  /** Apps whose tokens of the owner it may exchange for tokens of its own (RFC 8693 §4.4). */
  readonly actsWith: readonly string[];
  readonly stoppedAt?: number;
  /** A user id. */
  readonly stoppedBy?: string;
  /** For which review date the owner has been reminded. */
  readonly remindedOf?: number;
}

/** Scopes of one API. */
export interface AgentPermission {
  readonly resourceId: string;
  readonly scopes: readonly string[];
}

/** An agent and its owner as they are now, read past every memory. */
export interface AgentStanding {
  readonly details: AgentDetails;
  readonly clientStatus: 'active' | 'disabled';
  /** When the agent was last changed. */
  readonly updatedAt: number;
  readonly owner: Pick<User, 'id' | 'status' | 'role' | 'organizationId'>;
}

/** How long an agent is confirmed for unless its owner says otherwise, and at most. */
export const AGENT_REVIEW_MS = 90 * 24 * 3600 * 1000;
export const LONGEST_AGENT_REVIEW_MS = 366 * 24 * 3600 * 1000;
