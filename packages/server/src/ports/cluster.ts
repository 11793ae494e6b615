import type { NodeSetting, NodeSettings } from '../domain/node-setting.ts';
import type { ClusterState, DutyAct, DutyTurn, Fence } from '../domain/duty.ts';

export interface DutyTimes {
  /** A node that has others beside it passes the duty on after so long. */
  readonly turnMs: number;
  /** A holder that was not heard of for so long has lost the duty; a node, its place in the circle. */
  readonly leaseMs: number;
}

/**
 * The nodes and who is on duty. The database decides, by its own clock and by conditional writes; no node does.
 * On a database of one process, that process is on duty from its start to its end.
 */
export interface Cluster {
  /** @param name absent: the first free of n1, n2, … @returns the node's id, and the state with it in */
  join(node: {
    readonly id: string;
    readonly name?: string;
    readonly version: string;
    readonly times: DutyTimes;
    /** Without secrets; other nodes show them. */
    readonly settings?: readonly NodeSetting[];
  }): Promise<ClusterState>;
  /** Says that the node is there. Renews the duty, passes it on, or takes it from a holder that is gone, as is due. */
  beat(nodeId: string, times: DutyTimes): Promise<ClusterState>;
  /** Says goodbye; the duty goes to the next. */
  leave(nodeId: string, times: DutyTimes): Promise<void>;
  /** Whether nobody else can be on this database, so that beats are not needed. */
  readonly alone: boolean;
  state(): Promise<ClusterState>;
  /** Newest first. */
  turns(limit: number): Promise<readonly DutyTurn[]>;
  acts(): Promise<readonly DutyAct[]>;
  /** Of the nodes that are there now, in the order in which they joined; those that said nothing are absent. */
  settings(times: DutyTimes): Promise<readonly NodeSettings[]>;
  /** @throws NotOnDuty */
  noteAct(fence: Fence, chore: string, count: number): Promise<void>;
}
