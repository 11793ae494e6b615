// The server under test, as every check sees it: its metadata, what it offers, clients, people, browsers.
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Browser } from './browser.ts';
import { ensure, RegistrationRefused, text } from './failure.ts';
import type { ClientMetadata, Hooks, RegisteredCredentials, User } from './hooks.ts';
import {
  createSend,
  type HeaderLine,
  type HttpRequest,
  type HttpResponse,
  jsonOf,
  type Send,
} from './http.ts';
import { type Feature, featuresOf, type Metadata } from './metadata.ts';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly alg: string;
}

/** A client as whoever develops the app knows it. */
export interface Client {
  readonly id: string;
  readonly secret: string | undefined;
  readonly redirectUri: string;
  readonly authMethod: string;
  readonly metadata: ClientMetadata;
  /** Of `private_key_jwt`, and of signed requests. */
  readonly key?: SigningKey | undefined;
}

export const APP_URI = 'https://app.example.com/cb';

export interface TargetParts {
  readonly hooks: Hooks;
  /** What carries the requests; absent: the network alone. */
  readonly send?: Send;
  /** Clients, people and sessions of another target on the same server, to be used again. */
  readonly known?: Map<string, Promise<unknown>>;
}

export class Target {
  readonly hooks: Hooks;
  readonly metadata: Metadata;
  readonly features: ReadonlySet<Feature>;
  readonly send: Send;
  readonly known: Map<string, Promise<unknown>>;

  constructor(hooks: Hooks, metadata: Metadata, send: Send, known = new Map<string, Promise<unknown>>()) {
    this.hooks = hooks;
    this.metadata = metadata;
    this.features = featuresOf(metadata, hooks);
    this.send = send;
    this.known = known;
  }

  get issuer(): string {
    return this.hooks.issuer;
  }

  get origin(): string {
    return new URL(this.issuer).origin;
  }

  has(feature: Feature): boolean {
    return this.features.has(feature);
  }

  /** The address of an endpoint. @throws CheckFailure when the metadata name none */
  endpoint(name: string): string {
    return text(this.metadata[name], `${name} in the metadata`);
  }

  /** The address of an endpoint at which the server asks for certificates (RFC 8705 §5). */
  certificateEndpoint(name: string): string {
    const aliases = this.metadata['mtls_endpoint_aliases'];
    const alias: unknown =
      typeof aliases === 'object' && aliases !== null ? Reflect.get(aliases, name) : undefined;
    return typeof alias === 'string' ? alias : this.endpoint(name);
  }

  get(url: string, headers: readonly HeaderLine[] = []): Promise<HttpResponse> {
    return this.send({ method: 'GET', url, headers });
  }

  /** Made once and shared by the checks of a run that do not change it. */
  once<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.known.get(name);
    if (known !== undefined) return known as Promise<Value>;
    const made = make();
    this.known.set(name, made);
    return made;
  }

  browser(): Browser {
    return new Browser(this.send, this.origin);
  }

  user(): Promise<User> {
    return this.once('user', () => this.hooks.createUser());
  }

  /** A confidential client with a secret; the metadata are added to the usual ones. */
  async createClient(metadata: ClientMetadata = {}, key?: SigningKey): Promise<Client> {
    const full = { ...this.usualMetadata(), ...metadata };
    const credentials: RegisteredCredentials = await this.hooks.createClient(full);
    const uris = full['redirect_uris'];
    return {
      id: credentials.client_id,
      secret: credentials.client_secret,
      redirectUri: Array.isArray(uris) ? String(uris[0]) : APP_URI,
      authMethod: String(full['token_endpoint_auth_method']),
      metadata: full,
      key,
    };
  }

  /** @throws CheckFailure when the server registers a client with such metadata */
  async expectRegistrationRefused(metadata: ClientMetadata, what: string): Promise<void> {
    try {
      await this.hooks.createClient({ ...this.usualMetadata(), ...metadata });
    } catch (error) {
      if (error instanceof RegistrationRefused) return;
      throw error;
    }
    ensure(false, `A client with ${what} was registered`);
  }

  usualMetadata(): ClientMetadata & { readonly redirect_uris: readonly string[] } {
    const grants = ['authorization_code', ...(this.has('refresh') ? ['refresh_token'] : [])];
    return {
      client_name: 'Conformance',
      application_type: 'web',
      redirect_uris: [APP_URI],
      response_types: ['code'],
      grant_types: grants,
      token_endpoint_auth_method: 'client_secret_basic',
    };
  }

  /** The confidential web client most checks use. */
  web(): Promise<Client> {
    return this.once('web', () => this.createClient({ client_name: 'Web' }));
  }

  /** Another one, who must get nothing of the first. */
  otherWeb(): Promise<Client> {
    return this.once('other web', () =>
      this.createClient({ client_name: 'Other web', redirect_uris: ['https://other.example.com/cb'] }),
    );
  }

  spa(): Promise<Client> {
    return this.once('spa', () =>
      this.createClient({
        client_name: 'Page',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://page.example.com/cb'],
      }),
    );
  }

  native(): Promise<Client> {
    return this.once('native', () =>
      this.createClient({
        client_name: 'Native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'com.example.native:/cb'],
      }),
    );
  }

  machine(): Promise<Client> {
    return this.once('machine', () =>
      this.createClient({
        client_name: 'Machine',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        ...(this.hooks.api === undefined ? {} : { scope: this.hooks.api.scopes.join(' ') }),
      }),
    );
  }

  /** A client with a key pair of its own. */
  async keyClient(metadata: ClientMetadata = {}): Promise<Client> {
    const key = await createKey('ES256');
    return this.createClient(
      {
        client_name: 'Keys',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [key.publicJwk] },
        ...metadata,
      },
      key,
    );
  }
}

export async function createKey(alg: string, kid = `key-${alg}`): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, alg };
}

/** Where the discovery document is (OpenID Connect Discovery §4; RFC 8414 §3.1). */
export function discoveryUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname;
  return [
    `${issuer}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/** Reads the metadata of the server. @throws Error when there are none */
export async function openTarget({
  hooks,
  send = createSend(hooks.issuer, hooks.base, hooks.certificates?.authorities),
  known,
}: TargetParts): Promise<Target> {
  for (const url of discoveryUrls(hooks.issuer)) {
    // oxlint-disable-next-line no-await-in-loop -- the second only if the first has none
    const response = await send({ method: 'GET', url });
    if (response.status === 200) return new Target(hooks, jsonOf(response), send, known);
  }
  throw new Error(`No metadata at ${hooks.issuer}`);
}

/** Adds headers to every request that does not bring them. */
export function withHeaders(send: Send, headers: readonly HeaderLine[]): Send {
  return (request: HttpRequest) => {
    const own = new Set((request.headers ?? []).map(([name]) => name.toLowerCase()));
    const added = headers.filter(([name]) => !own.has(name.toLowerCase()));
    return send({ ...request, headers: [...(request.headers ?? []), ...added] });
  };
}
