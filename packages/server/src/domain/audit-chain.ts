/** The place of an event in a chain: whoever changes, removes or inserts one breaks what comes after. */
export interface AuditLink {
  /** Counts from 1; nodes that link at the same time use different chains. */
  readonly chain: number;
  /** Counts from 1 in each chain. */
  readonly position: number;
  /** SHA-256 over what the event says, without what is personal. */
  readonly digest: Uint8Array;
  /** Absent once what is personal was erased. */
  readonly salt?: Uint8Array;
  /** SHA-256 over the salt and what is personal; part of `digest`. */
  readonly personalDigest: Uint8Array;
  /** SHA-256 over the link before it and `digest`. */
  readonly link: Uint8Array;
}

/** Where a chain ends, or begins after a pruning. */
export interface ChainPlace {
  readonly chain: number;
  readonly position: number;
  readonly link: Uint8Array;
}

/** What was true of all chains at one time, sealed with a key that is not in the database. */
export interface AuditAnchor {
  /** Counts from 1. */
  readonly number: number;
  /** Milliseconds. */
  readonly at: number;
  /** The newest link of each chain. */
  readonly heads: readonly ChainPlace[];
  /** The last link of each chain that was pruned. */
  readonly floors: readonly ChainPlace[];
  /** Events from before this time may be gone; 0: none was pruned. Milliseconds. */
  readonly prunedBefore: number;
  /** The seal of the anchor before; empty for the first. */
  readonly previous: Uint8Array;
  readonly seal: Uint8Array;
}
