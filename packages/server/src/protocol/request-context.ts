/** What is known of the request besides its parameters. */
import type { ClientCertificate } from '../domain/client-certificate.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import type { Spending } from './spending.ts';

/** What goes to the audit log. */
export interface RequestContext {
  /** Milliseconds. */
  readonly at: number;
  readonly requestId: string;
  /** The peer's IP address. */
  readonly address: string;
  /** Where the client opened its connection with one. */
  readonly certificate?: ClientCertificate;
  /** Present where the request has a DPoP header; nothing in it is proven. */
  readonly dpop?: PresentedProof;
}

/** A DPoP proof as it was sent, and what it must have been made for (RFC 9449 §4.3). */
export interface PresentedProof {
  /** The value of the header; several headers are joined by commas. */
  readonly header: string;
  readonly method: string;
  /** Scheme and host that were called. */
  readonly origin: string;
  /** The path that was called, without the query. */
  readonly path: string;
}

/** A request to the token endpoint whose client is authenticated. */
export interface TokenRequestContext extends RequestContext {
  /** The key that the request proved; what it issues is bound to it. Absent: bearer tokens. */
  readonly confirmation?: Confirmation;
  /** Still to be spent, by a grant that does so with its write. */
  readonly spendings?: readonly Spending[];
}
