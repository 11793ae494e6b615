import type { OneTimeUse } from '../../ports/used-identifiers.ts';
import type { Form } from '../form.ts';

/** What a client sent to say who it is: one file of this room makes one kind of these. */
export interface PresentedCredentials {
  /** `none` also where a certificate of the connection may be the proof: the request itself only names the client. */
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  readonly clientId: string;
  readonly secret?: string;
  /** A signed JWT. */
  readonly assertion?: string;
}

/** One way to authenticate: gives the credentials if the request uses it, undefined if it does not. */
export type ClientAuthenticationMethod = (request: ClientRequest) => PresentedCredentials | undefined;

export interface ClientRequest {
  readonly authorization: string | undefined;
  readonly form: Form;
}

/** True, or what must not have been used before; or why not: a constant text, or false where nothing may be learnt. */
export type Proof = boolean | OneTimeUse | string;
