/**
 * The peer: oidc-provider, set up for
 * the same work: the same clients, lifetimes, claims and algorithm; nothing is switched on that is not used.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import { answerCalls } from '../program.ts';
import { cpuMicroseconds } from '../servers/cpu-time.ts';
import {
  API_SERVER,
  APP,
  type Contestant,
  JWT_API,
  LIFETIME_SECONDS,
  PLAYER,
  PUSHER,
  SCOPE,
  USER_ID,
} from '../servers/contestant.ts';
import { SIGNER, SIGNER_JWK } from '../servers/signer.ts';

const DAY_SECONDS = 86_400;

/** Its own in-memory adapter, over a plain Map: the store it comes with forgets all but the last thousand entries. */
const storage = new Map<string, unknown>();
const adapter = (model: string): object => new MemoryAdapter(model, storage);

const confidential = {
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
};

const configuration = {
  adapter,
  clients: [
    {
      ...confidential,
      client_id: APP.id,
      client_secret: APP.secret,
      grant_types: ['client_credentials'],
      scope: SCOPE,
    },
    {
      ...confidential,
      client_id: SIGNER.id,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: SIGNER.alg,
      jwks: { keys: [SIGNER_JWK] },
      grant_types: ['client_credentials'],
      scope: SCOPE,
    },
    {
      client_id: PUSHER.id,
      client_secret: PUSHER.secret,
      redirect_uris: [PUSHER.redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    { ...confidential, client_id: API_SERVER.id, client_secret: API_SERVER.secret, grant_types: [] },
    {
      client_id: PLAYER.id,
      redirect_uris: [PUSHER.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  jwks: { keys: [signingKey()] },
  scopes: ['openid', SCOPE, 'offline_access'],
  ttl: {
    AccessToken: LIFETIME_SECONDS,
    ClientCredentials: LIFETIME_SECONDS,
    Grant: 180 * DAY_SECONDS,
    RefreshToken: 30 * DAY_SECONDS,
  },
  // 256 random bits, as ours.
  formats: { bitsOfOpaqueRandomness: 256 },
  rotateRefreshToken: true,
  findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  loadExistingGrant: grantOfRemembered,
  extraTokenClaims: () => ({ org_id: 'org_default' }),
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    dPoP: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: SCOPE,
        audience: JWT_API,
        accessTokenTTL: LIFETIME_SECONDS,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
};

function signingKey(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' };
}

interface Authorizing {
  readonly oidc: {
    readonly session: { readonly accountId?: string };
    readonly client: { readonly clientId: string };
  };
}

/**
 * The person agreed to the app before. A grant for each request, as ours makes one: the memory adapter walks through all
 * the tokens of a grant whenever it adds one.
 */
async function grantOfRemembered({ oidc }: Authorizing): Promise<object | undefined> {
  const { accountId } = oidc.session;
  if (accountId === undefined || oidc.client.clientId !== PUSHER.id) return undefined;
  const grant = new provider.Grant({ accountId, clientId: PUSHER.id });
  grant.addOIDCScope(PUSHER.scope);
  await grant.save();
  return grant;
}

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const provider = new Provider(`http://127.0.0.1:${port}`, configuration);
const answer = provider.callback();
server.on('request', (request, response) => {
  if (request.url?.startsWith('/interaction/') !== true) answer(request, response);
  // Where a page would ask for a password.
  else void provider.interactionFinished(request, response, { login: { accountId: USER_ID } });
});

/** The state that a sign-in with consent would leave, for each chain of refresh tokens. */
async function refreshToken(): Promise<string> {
  const client = await provider.Client.find(PLAYER.id);
  const grant = new provider.Grant({ accountId: USER_ID, clientId: PLAYER.id });
  const scope = `${SCOPE} offline_access`;
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  return new provider.RefreshToken({
    accountId: USER_ID,
    client,
    grantId,
    gty: 'authorization_code',
    scope,
  }).save();
}

answerCalls({
  listen: (): Contestant => ({
    port,
    tokenPath: '/token',
    introspectionPath: '/token/introspection',
    pushPath: '/request',
    authorizationPath: '/auth',
  }),
  refreshTokens: (count: number) => Promise.all(Array.from({ length: count }, refreshToken)),
  cpuMicroseconds,
});
