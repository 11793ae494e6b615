/**
 * The command line as an OAuth client: discovery, and the token and revocation endpoints.
 *
 * @spec RFC 8414 §3, RFC 6749 §4.4 and §6, RFC 7009 §2.1
 */
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readJson, sendRequest } from './http.ts';
import { safeUrl } from './server-url.ts';

/** The public client that every Tessera has for its command line. */
export const CLI_CLIENT_ID = 'tessera-cli';

export interface ServerMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  readonly introspectionEndpoint: string;
  readonly jwksUri: string;
  /** Absent where the server is older than the grant. */
  readonly deviceAuthorizationEndpoint?: string;
}

/** Where the metadata of an issuer are: the well-known name goes before its path (RFC 8414 §3.1). */
export function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}

/** @throws CommandError unless the server is there and is the issuer it was asked as (RFC 8414 §3.3) */
export async function discover(url: string): Promise<ServerMetadata> {
  const response = await sendRequest(metadataUrl(url), {});
  const metadata = Object(await readJson(response));
  if (response.status !== 200) {
    throw new CommandError(EXIT.error, `${url} does not answer like Tessera. Run \`tessera doctor\`.`);
  }
  if (metadata.issuer !== url) {
    const told = typeof metadata.issuer === 'string' ? metadata.issuer : 'another server';
    throw new CommandError(EXIT.error, `The server at ${url} calls itself ${told}. Use that URL.`);
  }
  return {
    issuer: url,
    authorizationEndpoint: endpoint(metadata.authorization_endpoint, 'authorization_endpoint'),
    tokenEndpoint: endpoint(metadata.token_endpoint, 'token_endpoint'),
    revocationEndpoint: endpoint(metadata.revocation_endpoint, 'revocation_endpoint'),
    introspectionEndpoint: endpoint(metadata.introspection_endpoint, 'introspection_endpoint'),
    jwksUri: endpoint(metadata.jwks_uri, 'jwks_uri'),
    ...(typeof metadata.device_authorization_endpoint === 'string' && {
      deviceAuthorizationEndpoint: safeUrl(metadata.device_authorization_endpoint),
    }),
  };
}

function endpoint(value: unknown, name: string): string {
  if (typeof value !== 'string') {
    throw new CommandError(EXIT.error, `The server's metadata have no ${name}. Run \`tessera doctor\`.`);
  }
  return safeUrl(value);
}

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TokenResponse {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken?: string;
  readonly scope?: string;
  /** As it came. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** The server answered, and the answer was no. */
export class OAuthRefusal extends CommandError {
  /** The code of RFC 6749 §5.2 or one of its extensions. */
  readonly error: string;

  constructor(exitCode: ExitCode, message: string, error: string) {
    super(exitCode, message);
    this.error = error;
  }
}

/** Asks the token endpoint. @throws OAuthRefusal with the server's own error, CommandError when it does not answer */
export async function requestToken(
  tokenEndpoint: string,
  form: Readonly<Record<string, string>>,
  credentials?: ClientCredentials,
): Promise<TokenResponse> {
  const response = await postForm(tokenEndpoint, form, credentials);
  const body = Object(await readJson(response));
  if (response.status !== 200) throw oauthRefusal(body);
  const { access_token, token_type, expires_in, refresh_token, scope } = body;
  if (typeof access_token !== 'string' || String(token_type).toLowerCase() !== 'bearer') {
    throw new CommandError(EXIT.error, 'The server answered without a bearer token.');
  }
  return {
    accessToken: access_token,
    expiresInSeconds: typeof expires_in === 'number' ? expires_in : 0,
    ...(typeof refresh_token === 'string' && { refreshToken: refresh_token }),
    ...(typeof scope === 'string' && { scope }),
    members: { ...body },
  };
}

export function oauthRefusal(body: { error?: unknown; error_description?: unknown }): OAuthRefusal {
  const error = typeof body.error === 'string' ? body.error : 'an error';
  const description = typeof body.error_description === 'string' ? `: ${body.error_description}` : '';
  const code = error === 'invalid_client' ? EXIT.notSignedIn : EXIT.error;
  return new OAuthRefusal(code, `The server refused: ${error}${description}`, error);
}

export function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  credentials?: ClientCredentials,
): Promise<Response> {
  return sendRequest(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(credentials !== undefined && { headers: { authorization: basic(credentials) } }),
  });
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basic({ clientId, clientSecret }: ClientCredentials): string {
  return `Basic ${Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64')}`;
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
