// The peer: oidc-provider with the features it has, as strict as it can be set where both can be set.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import { RegistrationRefused } from '../harness/failure.ts';
import type { Hooks, PageHooks, RegisteredCredentials } from '../harness/hooks.ts';
import { formsOf } from '../harness/html.ts';

const API = 'https://conformance.example/';

function signingKey(alg: 'RS256' | 'ES256'): object {
  const { privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `peer-${alg}` };
}

function configuration(): object {
  const storage = new Map<string, unknown>();
  return {
    adapter: (model: string) => new MemoryAdapter(model, storage),
    jwks: { keys: [signingKey('RS256'), signingKey('ES256')] },
    cookies: { keys: ['a key of the conformance tests'] },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'profile', 'email', 'read', 'write'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    extraClientMetadata: { properties: [] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@example.test`, email_verified: true }),
    }),
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      requestObjects: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context: unknown, resource: string) {
          if (resource !== API)
            throw Object.assign(new Error('invalid_target'), {
              expose: true,
              statusCode: 400,
              status: 400,
              error: 'invalid_target',
            });
          return {
            scope: 'read write',
            audience: API,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
  };
}

const pages: PageHooks = {
  signIn(page, { username, password }) {
    const form = formsOf(page).find(({ fields }) => 'login' in fields);
    return form && { form: { action: form.action, fields: { ...form.fields, login: username, password } } };
  },
  consent(page, decision) {
    const form = formsOf(page).find(
      ({ fields, action }) =>
        fields['prompt'] === 'consent' || (fields['confirm'] !== undefined && action.includes('device')),
    );
    if (form === undefined) return undefined;
    const [, abort] = /href="([^"]*\/abort)"/.exec(page) ?? [];
    if (decision === 'deny' && abort !== undefined) return { link: abort };
    const fields = decision === 'deny' ? { ...form.fields, abort: 'yes' } : form.fields;
    return { form: { action: form.action, fields } };
  },
  signOut(page) {
    const form = formsOf(page).find(({ action }) => action.includes('/session/end'));
    return form && { form: { action: form.action, fields: { ...form.fields, logout: 'yes' } } };
  },
  enterUserCode(page, userCode) {
    const form = formsOf(page).find(
      ({ fields, action }) => 'user_code' in fields && action.includes('device'),
    );
    return form && { form: { action: form.action, fields: { ...form.fields, user_code: userCode } } };
  },
};

export interface RunningPeer {
  readonly hooks: Hooks;
  close(): Promise<void>;
}

export async function startOidcProvider(): Promise<RunningPeer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration());
  server.on('request', provider.callback());
  const createClient = (metadata: object): Promise<RegisteredCredentials> => registerAt(issuer, metadata);
  const apiServer = await createClient({
    client_name: 'API',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  });
  let users = 0;
  return {
    hooks: {
      issuer,
      createClient,
      createUser: () => Promise.resolve({ username: `person-${++users}`, password: 'any' }),
      pages,
      samplePages: true,
      api: { identifier: API, scopes: ['read', 'write'], tokenFormat: 'jwt', server: apiServer },
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function registerAt(issuer: string, metadata: object): Promise<RegisteredCredentials> {
  const response = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  if (response.status === 400) throw new RegistrationRefused(JSON.stringify(body));
  if (response.status !== 201) throw new Error(`Registration: ${response.status} ${JSON.stringify(body)}`);
  const { client_id: id, client_secret: secret } = body;
  return { client_id: String(id), ...(typeof secret === 'string' ? { client_secret: secret } : {}) };
}
