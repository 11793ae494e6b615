import type { AuditAnchor, AuditLink, ChainPlace } from '../domain/audit-chain.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Random } from './random.ts';

/** An event in its place; the event is absent when its row is gone. */
export interface LinkedEvent {
  readonly link: AuditLink;
  readonly event?: AuditEvent;
}

/** The places of the events of the audit log, and what seals them. Nothing here is ever changed. */
export interface AuditChain {
  /** Gives a place to every event that has none yet. @returns how many */
  link(random: Random): Promise<number>;
  /** The newest place of each chain, by its links. */
  heads(): Promise<readonly ChainPlace[]>;
  /** In their order, those after a position. */
  links(chain: number, after: number, limit: number): Promise<readonly LinkedEvent[]>;
  /** Ids of events that Tessera did not write: they have no place, and do not wait for one. At most so many. */
  strays(limit: number): Promise<readonly string[]>;
  newestAnchor(): Promise<AuditAnchor | undefined>;
  /** In their order, those after a number. */
  anchors(after: number, limit: number): Promise<readonly AuditAnchor[]>;
  /** @returns false if there is one with its number */
  addAnchor(anchor: AuditAnchor): Promise<boolean>;
  /** The last place of each chain before which every event is from before `at`; none that was pruned already. */
  placesBefore(at: number): Promise<readonly ChainPlace[]>;
  /** Deletes what the newest anchor says is pruned. @returns how many events */
  prune(): Promise<number>;
}
