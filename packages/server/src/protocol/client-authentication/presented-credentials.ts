import type { Form } from '../form.ts';

/** What a client sent to say who it is: one file of this room makes one kind of these. */
export interface PresentedCredentials {
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'none';
  readonly clientId: string;
  /** Absent for `none`. */
  readonly secret?: string;
}

/** One way to authenticate: gives the credentials if the request uses it, undefined if it does not. */
export type ClientAuthenticationMethod = (request: ClientRequest) => PresentedCredentials | undefined;

export interface ClientRequest {
  readonly authorization: string | undefined;
  readonly form: Form;
}
