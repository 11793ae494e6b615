/** One setting of a node, as it is in effect there. */
export interface NodeSetting {
  readonly name: string;
  /** For people; absent for one that is not set, and for every secret. */
  readonly value?: string;
  readonly source: 'default' | 'file' | 'environment' | 'command line' | 'not set';
}

/** What a node that has not left said of itself. */
export interface NodeSettings {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly settings: readonly NodeSetting[];
}
