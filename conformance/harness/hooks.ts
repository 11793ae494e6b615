// What the harness cannot do by the protocol alone, and somebody has to do for it. README.md says how to write them.
import type { ClientCertificate, HeaderLine } from './http.ts';

/** Client metadata with the names of RFC 7591 §2. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

export interface RegisteredCredentials {
  readonly client_id: string;
  readonly client_secret?: string;
}

export interface User {
  readonly username: string;
  readonly password: string;
  /** What the UserInfo endpoint should say of them, where it is known. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** What to do on a page: send a form with what is typed and pressed, or follow a link. */
export type Action =
  | { readonly form: { readonly action: string; readonly fields: Readonly<Record<string, string>> } }
  | { readonly link: string };

export interface PageHooks {
  /** What signs the user in, or undefined if the page is no sign-in page. */
  signIn(page: string, user: User): Action | undefined;
  /** What allows or denies, or undefined if the page does not ask for consent. */
  consent(page: string, decision: 'allow' | 'deny'): Action | undefined;
  /** What confirms signing out, or undefined if the page does not ask. */
  signOut?(page: string): Action | undefined;
  /** What confirms a user code and shows who asks, or undefined if the page has no such field. */
  enterUserCode?(page: string, userCode: string): Action | undefined;
}

/** Certificates of clients, for the addresses at which the server asks for them (RFC 8705). */
export interface CertificateHook {
  /** PEM of the authority of the server's own certificate there, if not one that everybody knows. */
  readonly authorities?: string;
  /** A certificate of an authority that the server trusts for clients; absent: it trusts none. */
  readonly issue?: (subject: string) => Promise<ClientCertificate>;
}

/** An API that access tokens can be asked for by `resource` (RFC 8707). */
export interface ApiHook {
  readonly identifier: string;
  /** Scopes of the API; the first is enough for a token. */
  readonly scopes: readonly string[];
  readonly tokenFormat: 'jwt' | 'opaque';
  /** Asks about tokens of the API at the introspection endpoint. */
  readonly server?: RegisteredCredentials;
}

export interface Hooks {
  readonly issuer: string;
  /** Where the issuer really listens, if not under its own name. */
  readonly base?: string;
  /** @throws RegistrationRefused when the server refuses the metadata */
  createClient(metadata: ClientMetadata): Promise<RegisteredCredentials>;
  createUser(): Promise<User>;
  readonly pages: PageHooks;
  /** The pages are those of a quick start, which every operator replaces: they are not checked. */
  readonly samplePages?: boolean;
  /** Sent with every request of a check; a counter makes an address of its own for each where limits count by address. */
  headers?(check: number): readonly HeaderLine[];
  /** Moves the server's clock on, by milliseconds. */
  moveClock?(milliseconds: number): void | Promise<void>;
  /** Back to the real time. */
  resetClock?(): void | Promise<void>;
  readonly api?: ApiHook;
  /** Another API, served by another client. */
  readonly otherApi?: ApiHook;
  readonly disableUser?: (user: User) => Promise<void>;
  readonly changePassword?: (user: User) => Promise<void>;
  readonly disableClient?: (clientId: string) => Promise<void>;
  readonly deleteClient?: (clientId: string) => Promise<void>;
  /** Ends what the user allowed the client. */
  readonly endConsent?: (user: User, clientId: string) => Promise<void>;
  /** A new signing key, which signs as soon as the server ever lets it. */
  readonly rotateKeys?: () => Promise<void>;
  /** Lets every write to the store fail until the function it gives is called. */
  readonly breakStore?: () => Promise<() => void>;
  /** An initial access token for the registration endpoint, where it wants one. */
  readonly initialAccessToken?: () => Promise<string>;
  /** Metadata that make a client of the FAPI 2.0 profile, where the server has it. */
  readonly fapi2?: ClientMetadata;
  /** Present: the checks of mutual TLS run where the metadata offer it. */
  readonly certificates?: CertificateHook;
  /** The most a request body may have, in bytes. */
  readonly bodyLimit?: number;
}
