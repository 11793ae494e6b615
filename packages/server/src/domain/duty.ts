/** A program that serves from one database. Nodes are equal: none is the master. */
export interface ClusterNode {
  readonly id: string;
  /** Short, for people: `n2`. Unique among those that are live. */
  readonly name: string;
  readonly version: string;
  readonly joinedAt: number;
  /** When it was last heard of, in milliseconds of the database's clock. */
  readonly seenAt: number;
  /** When it said goodbye; absent while it has not. */
  readonly leftAt?: number;
}

/**
 * The duty token: its holder alone does the work that must be done once. It goes from node to node in the order in
 * which they joined. It grants no access to anything.
 */
export interface Duty {
  /** The fencing number: higher with each holder, never given twice. */
  readonly number: number;
  /** The id of the node on duty. */
  readonly holder: string;
  readonly takenAt: number;
  /** From then on it may be taken from its holder, unless it was renewed; milliseconds of the database's clock. */
  readonly leaseUntil: number;
}

/** What a node shows with everything it does on duty; the store refuses one that is not the newest. */
export interface Fence {
  readonly number: number;
  readonly holder: string;
}

/** How a turn began: given by the node before, or taken because that one was not heard of any more. */
export type DutyChange = 'passed' | 'regenerated';

export interface DutyTurn {
  readonly number: number;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly takenAt: number;
  readonly how: DutyChange;
}

/** What was done in the turns that are still known, by the name of the chore. */
export interface DutyAct {
  readonly chore: string;
  readonly count: number;
  /** When it was last done, and in which turn. */
  readonly lastAt: number;
  readonly number: number;
}

export interface ClusterState {
  /** In the order in which the duty goes round. */
  readonly nodes: readonly ClusterNode[];
  readonly duty: Duty;
  /** Milliseconds of the database's clock when it was read. */
  readonly now: number;
}
