/** The nodes that a demo runs beside its own, to be stopped and watched. Production has none. */
export interface DemoNodes {
  /** In the order of their names. */
  list(): readonly DemoNode[];
  /** Ends it as a power cut would: it says goodbye to nobody. False: there is none of that name, or it does not run. */
  stop(name: string): Promise<boolean>;
  /** Resolves once it is ready. False: there is none of that name, it runs already, or it ended before it was ready. */
  start(name: string): Promise<boolean>;
}

export interface DemoNode {
  readonly name: string;
  /** Present while it runs. */
  readonly url?: string;
}
