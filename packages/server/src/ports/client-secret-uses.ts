/** When the secrets of clients were last used; for people, so a minute late is soon enough. */
export interface ClientSecretUses {
  /** A use before the last one that is known, or of a secret that is gone, changes nothing. */
  record(uses: readonly ClientSecretUse[]): Promise<void>;
  /** By the id of the secret; those that were never used are absent. */
  lastUses(clientId: string): Promise<ReadonlyMap<string, LastUse>>;
}

export interface ClientSecretUse {
  readonly clientId: string;
  readonly secretId: string;
  /** Milliseconds. */
  readonly at: number;
  /** The address of the caller. */
  readonly from: string;
}

export interface LastUse {
  /** Milliseconds. */
  readonly at: number;
  /** Absent where it was used before this was kept. */
  readonly from?: string;
}
