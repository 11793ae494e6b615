/** What the load generator is asked to send, and what it saw. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `POST` unless given. */
  readonly method?: 'GET';
  /** Access tokens, sent in turn as `Authorization: Bearer`. */
  readonly bearers?: readonly string[];
  /** Form bodies. Sent in turn; in a chain, the first of each connection. */
  readonly bodies: readonly string[];
  /** Instead of `bodies`: so many for each second, each with an assertion of its own that is signed before the run. */
  readonly asserted?: { readonly prefix: string; readonly audience: string; readonly perSecond: number };
  /** Each request brings a DPoP proof of its own, made for this URL; those of a run are made before it. */
  readonly proofsFor?: string;
  /** Each connection's next body is `prefix` and this member of its last answer. */
  readonly chain?: { readonly prefix: string; readonly member: string };
  /** A member that every answer must have; with a value: exactly that. */
  readonly expected: { readonly member: string; readonly value?: string | number | boolean };
  readonly connections: number;
  /** Ends after so many seconds … */
  readonly seconds?: number;
  /** … or so many answers, whichever comes first. */
  readonly answers?: number;
  /** Whether to hand back the expected member of every answer. */
  readonly collect?: boolean;
}

export interface LoadResult {
  readonly answers: number;
  readonly answersPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly collected: readonly string[];
}
