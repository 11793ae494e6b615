// What an MCP client keeps, for the client of the official SDK; a browser without scripts stands in for the person.
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { TestServer } from './harness.ts';
import { finish } from './oauth-calls.ts';

export interface McpClientOptions {
  readonly redirectUri: string;
  /** A client that the operator registered. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The URL of a client ID metadata document. */
  readonly clientMetadataUrl?: string;
  readonly metadata?: Partial<OAuthClientMetadata>;
  /** As older SDKs do: the resource as a parsed URL, which ends an empty path with a slash. */
  readonly reserializeResource?: boolean;
}

/** Keeps everything in memory, and every authorization URL it was sent to. */
export class McpClientStore implements OAuthClientProvider {
  readonly authorizationUrls: URL[] = [];
  readonly clientMetadata: OAuthClientMetadata;
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  validateResourceURL?: (serverUrl: string | URL, resource?: string) => Promise<URL | undefined>;
  information: OAuthClientInformationMixed | undefined;
  kept: OAuthTokens | undefined;
  #verifier = '';

  constructor(options: McpClientOptions) {
    const { redirectUri, clientId, clientSecret, clientMetadataUrl, metadata } = options;
    this.redirectUrl = redirectUri;
    this.clientMetadata = {
      client_name: 'An MCP client',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    };
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    if (clientId !== undefined) {
      this.information = {
        client_id: clientId,
        ...(clientSecret !== undefined && { client_secret: clientSecret }),
      };
    }
    if (options.reserializeResource === true) {
      this.validateResourceURL = async (_serverUrl, resource) =>
        resource === undefined ? undefined : new URL(resource);
    }
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.information;
  }
  saveClientInformation(information: OAuthClientInformationMixed): void {
    this.information = information;
  }
  tokens(): OAuthTokens | undefined {
    return this.kept;
  }
  saveTokens(tokens: OAuthTokens): void {
    this.kept = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrls.push(url);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
}

export interface McpSession {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/** Connects with what the store holds. @throws UnauthorizedError once the store has an address to sign in at */
export async function connectMcp(url: string, store: OAuthClientProvider): Promise<McpSession> {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: store });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return { client, transport };
}

/** Lets a person sign in and agree at the last address the store was sent to. @returns where the app was sent back */
export async function signInFor(server: TestServer, store: McpClientStore): Promise<URL> {
  const address = store.authorizationUrls.at(-1);
  if (address === undefined) throw new Error('Nobody was sent to sign in');
  const browser = server.newBrowser();
  const { leftFor, page, status } = await finish(server, browser, await browser.get(address.href));
  if (leftFor === undefined) throw new Error(`The pages did not lead back: ${status} ${page.slice(0, 500)}`);
  return leftFor;
}

/** The whole way: refused, signed in, connected. */
export async function signInAndConnect(
  server: TestServer,
  url: string,
  store: McpClientStore,
): Promise<McpSession & { readonly answer: URL }> {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: store });
  const client = new Client({ name: 'test', version: '1' });
  const refused: unknown = await client.connect(transport).then(
    () => 'connected without a sign-in',
    (error: unknown) => error,
  );
  if (store.authorizationUrls.length === 0) throw refused;
  const answer = await signInFor(server, store);
  await transport.finishAuth(answer.searchParams.get('code') ?? '');
  return { ...(await connectMcp(url, store)), answer };
}
