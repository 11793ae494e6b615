/** What is known of the request besides its parameters; goes to the audit log. */
export interface RequestContext {
  /** Milliseconds. */
  readonly at: number;
  readonly requestId: string;
  /** The peer's IP address. */
  readonly address: string;
}
