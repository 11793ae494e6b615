/**
 * Ours: the real server as `serve` puts it together, on a SQLite file with synchronous=FULL, a row for every token.
 * The file lies in the system's temporary directory; set TMPDIR where that is not a disk. Told of a database
 * (BENCH_DATABASE) it uses that one, beside other nodes on it, and leaves it behind. BENCH_SETTINGS holds more settings, as JSON.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { loadConfig } from '@tessera/server/config';
import { createTessera } from '@tessera/server/main';
import type { Client } from '../../packages/server/src/domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../packages/server/src/domain/organization.ts';
import type { Resource } from '../../packages/server/src/domain/resource.ts';
import { newUser, systemEvent } from '../../packages/server/src/startup/first-start.ts';
import { assertFree, listen } from '../../packages/server/src/startup/listen.ts';
import { openParts } from '../../packages/server/src/startup/run.ts';
import { answerCalls } from '../program.ts';
import {
  API_SERVER,
  APP,
  type Contestant,
  JWT_API,
  OPAQUE_API,
  LIFETIME_SECONDS,
  PERSON,
  PLAYER,
  PUSHER,
  SCOPE,
  USER_ID,
} from './contestant.ts';
import { SIGNER, SIGNER_JWK } from './signer.ts';
import { cpuMicroseconds } from './cpu-time.ts';

const directory = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
const random = (size: number): Uint8Array => randomBytes(size);
const now = Date.now();
const host = '127.0.0.1';
const free = await assertFree(host, 0);
const loaded = loadConfig({
  environment: {},
  workingDirectory: directory,
  overrides: {
    host,
    data_dir: directory,
    database_url: process.env['BENCH_DATABASE'] ?? `sqlite:${join(directory, 'tessera.db')}`,
    // The same for all nodes of a database; nothing of a benchmark is a secret.
    master_key: Buffer.alloc(32, 'benchmark').toString('base64url'),
    ...(JSON.parse(process.env['BENCH_SETTINGS'] ?? '{}') as Readonly<Record<string, string>>),
  },
});
const tessera = await createTessera(await openParts(loaded, `http://${host}:${free}`));
const { store } = tessera;

const shared = { organizationId: DEFAULT_ORGANIZATION_ID, createdAt: now, updatedAt: now } as const;

function client(
  details: Pick<Client, 'id' | 'grantTypes' | 'tokenEndpointAuthMethod'> & Partial<Pick<Client, 'metadata'>>,
  secret?: string,
): Client {
  return {
    ...shared,
    name: details.id,
    applicationType: 'web',
    redirectUris: [PUSHER.redirectUri],
    requirePkce: true,
    metadata: {},
    firstParty: false,
    registeredBy: 'operator',
    status: 'active',
    secrets:
      secret === undefined
        ? []
        : [
            {
              id: `sec_${details.id}`,
              hash: hashTokenString(secret),
              hint: secret.slice(-4),
              createdAt: now,
            },
          ],
    ...details,
  };
}

function resource(details: Pick<Resource, 'id' | 'identifier' | 'tokenFormat' | 'isDefault'>): Resource {
  return {
    ...shared,
    name: details.id,
    scopes: [{ name: SCOPE, description: 'Read' }],
    defaultScopes: [SCOPE],
    accessTokenLifetime: LIFETIME_SECONDS,
    signingAlg: 'ES256',
    resourceServers: [API_SERVER.id],
    builtIn: false,
    ...details,
  };
}

const basic = { tokenEndpointAuthMethod: 'client_secret_basic' } as const;
const event = (type: Parameters<typeof systemEvent>[1]): ReturnType<typeof systemEvent> =>
  systemEvent(tessera, type);
for (const made of [
  client({ ...basic, id: APP.id, grantTypes: ['client_credentials'] }, APP.secret),
  client({
    id: SIGNER.id,
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    metadata: { jwks: { keys: [SIGNER_JWK] }, token_endpoint_auth_signing_alg: SIGNER.alg },
  }),
  client(
    {
      ...basic,
      id: PUSHER.id,
      grantTypes: ['authorization_code'],
      metadata: { id_token_signed_response_alg: 'ES256' },
    },
    PUSHER.secret,
  ),
  client({ ...basic, id: API_SERVER.id, grantTypes: [] }, API_SERVER.secret),
  client({
    id: PLAYER.id,
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: 'none',
  }),
]) {
  // oxlint-disable no-await-in-loop -- a few rows, in order
  if ((await store.clients.find(made.id)) === undefined) {
    await store.clients.create(made, event('client.created'));
  }
  // oxlint-enable no-await-in-loop
}
for (const made of [
  resource({
    id: 'api_default',
    identifier: OPAQUE_API,
    tokenFormat: 'opaque',
    isDefault: true,
  }),
  resource({ id: 'api_jwt', identifier: JWT_API, tokenFormat: 'jwt', isDefault: false }),
]) {
  // oxlint-disable no-await-in-loop -- two rows, in order
  if ((await store.resources.find(made.id)) === undefined) {
    await store.resources.create(made, event('resource.created'));
  }
  // oxlint-enable no-await-in-loop
}
const person = {
  ...PERSON,
  displayName: 'Bench',
  role: 'member',
} as const;
if ((await store.users.find(USER_ID)) === undefined) {
  await store.users.create({ ...(await newUser(tessera, person)), id: USER_ID }, event('user.created'));
}

/** The state that a sign-in with consent and a redeemed code would leave, for each chain of refresh tokens. */
async function refreshToken(): Promise<string> {
  const at = Date.now();
  const [grantId, familyId] = [createTokenString('se', random), createTokenString('se', random)];
  const [code, token, accessToken] = (['ac', 'rt', 'at'] as const).map((kind) =>
    createTokenString(kind, random),
  );
  if (code === undefined || token === undefined || accessToken === undefined) throw new Error('no strings');
  const expiresAt = at + 30 * 86_400_000;
  const owner = { grantId, clientId: PLAYER.id };
  await store.grants.authorize({
    grant: {
      ...shared,
      id: grantId,
      userId: USER_ID,
      clientId: PLAYER.id,
      scopes: [SCOPE, 'offline_access'],
      authTime: at,
      amr: ['pwd'],
    },
    code: {
      ...owner,
      hash: hashTokenString(code),
      redirectUri: 'https://player.bench.example/callback',
      expiresAt,
    },
  });
  await store.grants.redeemCode({
    codeHash: hashTokenString(code),
    at,
    accessToken: {
      ...owner,
      id: hashTokenString(accessToken),
      format: 'opaque',
      userId: USER_ID,
      scopes: [SCOPE],
      issuedAt: at,
      expiresAt: at + LIFETIME_SECONDS * 1000,
      lifetimeReason: 'standard',
    },
    refresh: {
      family: { ...owner, id: familyId, expiresAt, createdAt: at },
      token: { hash: hashTokenString(token), familyId, expiresAt, createdAt: at },
    },
    reuseAudit: event('authorization_code.reused'),
  });
  return token;
}

const { port } = await listen(tessera.app, host, free);

answerCalls(
  {
    listen: (): Contestant => ({
      port,
      tokenPath: '/api/token',
      introspectionPath: '/api/introspect',
      pushPath: '/api/par',
      authorizationPath: '/authorize',
    }),
    refreshTokens: (count: number) => Promise.all(Array.from({ length: count }, refreshToken)),
    residentBytes: () => process.memoryUsage.rss(),
    cpuMicroseconds,
  },
  async () => {
    await tessera.close();
    rmSync(directory, { recursive: true, force: true });
  },
);
