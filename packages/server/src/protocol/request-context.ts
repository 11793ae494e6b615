/** What is known of the request besides its parameters. */
import type { Confirmation } from '../domain/confirmation.ts';

/** What goes to the audit log. */
export interface RequestContext {
  /** Milliseconds. */
  readonly at: number;
  readonly requestId: string;
  /** The peer's IP address. */
  readonly address: string;
}

/** A request to the token endpoint whose client is authenticated. */
export interface TokenRequestContext extends RequestContext {
  /** The key that the request proved; what it issues is bound to it. Absent: bearer tokens. */
  readonly confirmation?: Confirmation;
}
