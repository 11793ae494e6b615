/**
 * This server as a client of somebody else's OpenID provider. Every request goes through the outbound client: the
 * addresses come from the provider's own metadata.
 * @spec OpenID Connect Core §3.1; RFC 7636; RFC 9207; RFC 6749 §6
 */
import type { AuthorizationServer, Client, CustomFetchOptions } from 'oauth4webapi';
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Outbound } from '../../ports/outbound.ts';

/** Loaded when somebody signs in this way: most starts never need it. */
const loadLibrary = () => import('oauth4webapi');

/** What a provider has given for a person. */
export interface UpstreamTokens {
  readonly accessToken: string;
  /** As the provider spells it. */
  readonly tokenType: string;
  readonly refreshToken?: string;
  readonly scope?: string;
  /** Milliseconds; absent: the provider does not say. */
  readonly expiresAt?: number;
}

export interface UpstreamPerson {
  readonly subject: string;
  /** Present only where the provider says that it has verified it. */
  readonly verifiedEmail?: string;
  readonly name?: string;
  readonly tokens: UpstreamTokens;
}

/** What a browser takes along, and what it has to bring back. */
export interface UpstreamRequest {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface ProviderClient {
  /** Where the browser goes. @throws whatever keeps the provider from being asked */
  authorizationUrl(provider: KnownProvider, request: UpstreamRequest, redirectUri: string): Promise<string>;
  /** @throws for an answer that does not hold, of another provider, or to another request */
  redeem(
    provider: KnownProvider,
    answer: URLSearchParams,
    request: UpstreamRequest,
    redirectUri: string,
  ): Promise<UpstreamPerson>;
  /** @throws where the provider gives no more */
  refresh(provider: KnownProvider, tokens: UpstreamTokens): Promise<UpstreamTokens>;
}

/** With its secret opened; undefined: this server is a public client there. */
export type KnownProvider = IdentityProvider & { readonly secret: string | undefined };

export interface ProviderClientDependencies {
  readonly outbound: Outbound;
  readonly clock: Clock;
}

const METADATA_AGE_MS = 10 * 60_000;
const MOST_KNOWN = 100;

/** The library's words for the two sides, with the provider's metadata at hand for a while. */
function createParties({ outbound, clock }: ProviderClientDependencies) {
  const known = new Map<string, { readonly server: Promise<AuthorizationServer>; readonly at: number }>();

  const optionsFor = async ({ issuer }: KnownProvider) => {
    const { allowInsecureRequests, customFetch } = await loadLibrary();
    // The outbound client decides about http: it is for hosts that the operator has opened.
    return {
      [customFetch]: (url: string, options: CustomFetchOptions<string, BodyInit | undefined>) =>
        send(outbound, url, options),
      [allowInsecureRequests]: issuer.startsWith('http:'),
    };
  };

  const fetchMetadata = async (provider: KnownProvider): Promise<AuthorizationServer> => {
    const { discoveryRequest, processDiscoveryResponse } = await loadLibrary();
    const issuer = new URL(provider.issuer);
    const response = await discoveryRequest(issuer, await optionsFor(provider));
    return processDiscoveryResponse(issuer, response);
  };

  /** Once for all who wait: only so many requests to one provider may be under way. */
  const discover = (provider: KnownProvider): Promise<AuthorizationServer> => {
    const kept = known.get(provider.issuer);
    if (kept !== undefined && clock() - kept.at < METADATA_AGE_MS) return kept.server;
    const asked = { server: fetchMetadata(provider), at: clock() };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(provider.issuer, asked);
    asked.server.catch(() => {
      // A failure is not kept.
      if (known.get(provider.issuer) === asked) known.delete(provider.issuer);
    });
    return asked.server;
  };

  const partiesOf = async (provider: KnownProvider) => {
    const { ClientSecretPost, None } = await loadLibrary();
    const client: Client = { client_id: provider.clientId };
    const authentication = provider.secret === undefined ? None() : ClientSecretPost(provider.secret);
    return { server: await discover(provider), client, authentication, options: await optionsFor(provider) };
  };
  return { discover, partiesOf };
}

export function createProviderClient(dependencies: ProviderClientDependencies): ProviderClient {
  const { outbound, clock } = dependencies;
  const { discover, partiesOf } = createParties(dependencies);
  return {
    async authorizationUrl(provider, { state, nonce, codeVerifier }, redirectUri) {
      const { calculatePKCECodeChallenge } = await loadLibrary();
      const { authorization_endpoint: endpoint } = await discover(provider);
      if (endpoint === undefined) throw new Error('the provider has no authorization endpoint');
      const url = new URL(endpoint);
      if (url.protocol !== 'https:' && !provider.issuer.startsWith('http:')) {
        throw new Error('the provider leads from https to another scheme');
      }
      const parameters = {
        client_id: provider.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },

    async redeem(provider, answer, { state, nonce, codeVerifier }, redirectUri) {
      const library = await loadLibrary();
      const { server, client, authentication, options } = await partiesOf(provider);
      // The state, and the issuer where it is named (or has to be): an answer of another provider stops here.
      const parameters = library.validateAuthResponse(server, client, answer, state);
      const response = await library.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        redirectUri,
        codeVerifier,
        options,
      );
      const answered = await library.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await library.validateApplicationLevelSignature(server, response, options);
      const claims = library.getValidatedIdTokenClaims(answered);
      if (claims === undefined) throw new Error('the provider gave no ID token');
      const person =
        typeof claims['email'] === 'string' || server.userinfo_endpoint === undefined
          ? claims
          : await userInfo(server.userinfo_endpoint, answered.access_token, claims.sub, outbound);
      return { subject: claims.sub, ...aboutPerson(person), tokens: toTokens(answered, clock()) };
    },

    async refresh(provider, tokens) {
      if (tokens.refreshToken === undefined) throw new Error('the provider gave no refresh token');
      const library = await loadLibrary();
      const { server, client, authentication, options } = await partiesOf(provider);
      const response = await library.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        tokens.refreshToken,
        options,
      );
      const answered = await library.processRefreshTokenResponse(server, client, response);
      // A provider that gives no other one means the same again (RFC 6749 §6).
      return { ...tokens, ...toTokens(answered, clock()) };
    },
  };
}

/** The library's requests, by the one client that goes to addresses of others. */
async function send(
  outbound: Outbound,
  url: string,
  { method, body, headers }: CustomFetchOptions<string, BodyInit | undefined>,
): Promise<Response> {
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded;charset=UTF-8';
  const answer =
    method === 'POST'
      ? await outbound.post(url, body instanceof URLSearchParams ? body.toString() : '', type, LIMITS)
      : await outbound.get(url, LIMITS);
  const empty = answer.status === 204 || answer.status === 304;
  return new Response(empty ? null : Buffer.from(answer.body), {
    status: answer.status,
    headers: answer.headers,
  });
}

const LIMITS = { maxBytes: 256 * 1024 } as const;

/** Some providers say nothing of the person in the ID token. @spec OpenID Connect Core §5.3.2 */
async function userInfo(
  endpoint: string,
  accessToken: string,
  subject: string,
  outbound: Outbound,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await outbound.get(endpoint, { authorization: `Bearer ${accessToken}` });
  if (answer.status !== 200) return {};
  const parsed: unknown = JSON.parse(Buffer.from(answer.body).toString('utf8'));
  const claims: Readonly<Record<string, unknown>> =
    typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  // Of somebody else it counts for nothing.
  return claims['sub'] === subject ? claims : {};
}

/** An address counts only where the provider says in so many words that it is verified. */
function aboutPerson(
  claims: Readonly<Record<string, unknown>>,
): Pick<UpstreamPerson, 'verifiedEmail' | 'name'> {
  const { email, email_verified: verified, name } = claims;
  return {
    ...(typeof email === 'string' && verified === true && { verifiedEmail: email }),
    ...(typeof name === 'string' && name.trim() !== '' && { name: name.trim().slice(0, 100) }),
  };
}

function toTokens(
  answered: {
    readonly access_token: string;
    readonly token_type: string;
    readonly refresh_token?: string;
    readonly scope?: string;
    readonly expires_in?: number;
  },
  at: number,
): UpstreamTokens {
  const { access_token, token_type, refresh_token, scope, expires_in } = answered;
  return {
    accessToken: access_token,
    tokenType: token_type.toLowerCase() === 'bearer' ? 'Bearer' : token_type,
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(scope !== undefined && { scope }),
    ...(expires_in !== undefined && { expiresAt: at + expires_in * 1000 }),
  };
}
