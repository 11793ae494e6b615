/** Registers what the demo needs, where it is missing: its person, its apps, its two APIs. */
import { hashTokenString } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Resource } from '../../domain/resource.ts';
import type { User } from '../../domain/user.ts';
import { newUser, systemEvent } from '../first-start.ts';
import type { Tessera } from '../../main.ts';
import type { DemoState } from './demo-state.ts';

/** The tokens of the short API live this long, in seconds, so that nobody has to wait an hour to see one expire. */
const SHORT_LIFETIME_SECONDS = 30;

/** What an app may ask a person for at the music API. */
export type Offered = Pick<Resource, 'scopes' | 'authorizationDetailsTypes'>;

/** @returns the demo's person, who is also its administrator */
export async function ensureDemo(tessera: Tessera, state: DemoState, offered: Offered): Promise<User> {
  const person = await ensurePerson(tessera, state);
  await ensureClient(tessera, demoApp(state, tessera.clock()), state.confidential_client.client_secret);
  await ensureClient(tessera, demoPlayer(state, tessera.clock()), undefined);
  await ensureClient(tessera, musicServer(state, tessera.clock()), state.music_server.client_secret);
  for (const resource of demoResources(state, offered, tessera.clock()))
    await ensureResource(tessera, resource);
  return person;
}

async function ensurePerson(tessera: Tessera, { account }: DemoState): Promise<User> {
  const { users } = tessera.store;
  const known = await users.findByEmail(account.email);
  if (known !== undefined && (await tessera.passwords.verifyPassword(known.passwordHash, account.password)))
    return known;
  const made = await newUser(tessera, {
    email: account.email,
    password: account.password,
    displayName: account.display_name,
    role: 'admin',
  });
  if (known === undefined) {
    await users.create(made, systemEvent(tessera, 'user.created', { userId: made.id }));
    return made;
  }
  const renewed: User = {
    ...known,
    ...(made.passwordHash === undefined ? {} : { passwordHash: made.passwordHash }),
  };
  await users.update(renewed, systemEvent(tessera, 'user.updated', { userId: known.id }));
  return renewed;
}

async function ensureClient(tessera: Tessera, client: Client, secret: string | undefined): Promise<void> {
  const { clients } = tessera.store;
  const secrets = secret === undefined ? [] : [secretRecord(secret, client.createdAt)];
  const known = await clients.find(client.id);
  if (known === undefined) {
    await clients.create(
      { ...client, secrets },
      systemEvent(tessera, 'client.created', { clientId: client.id }),
    );
    return;
  }
  const missing = secrets.filter(
    ({ hash }) => !known.secrets.some((kept) => Buffer.compare(kept.hash, hash) === 0),
  );
  if (missing.length === 0) return;
  await clients.update(
    { ...known, secrets: [...known.secrets, ...missing] },
    systemEvent(tessera, 'client.secret_created', { clientId: client.id }),
  );
}

function secretRecord(secret: string, createdAt: number): Client['secrets'][number] {
  const hash = hashTokenString(secret);
  return {
    id: `sec_${Buffer.from(hash).toString('base64url').slice(0, 16)}`,
    hash,
    hint: secret.slice(-4),
    createdAt,
  };
}

async function ensureResource(tessera: Tessera, resource: Resource): Promise<void> {
  const { resources } = tessera.store;
  if ((await resources.findByIdentifier(resource.identifier)) !== undefined) return;
  await resources.create(resource, systemEvent(tessera, 'resource.created', { resourceId: resource.id }));
}

function demoClient(
  details: Pick<Client, 'id' | 'name' | 'redirectUris' | 'grantTypes' | 'tokenEndpointAuthMethod'>,
  now: number,
): Client {
  return {
    organizationId: DEFAULT_ORGANIZATION_ID,
    applicationType: 'web',
    requirePkce: true,
    metadata: {},
    firstParty: false,
    registeredBy: 'operator',
    status: 'active',
    secrets: [],
    createdAt: now,
    updatedAt: now,
    ...details,
  };
}

function demoApp({ confidential_client }: DemoState, now: number): Client {
  return demoClient(
    {
      id: confidential_client.client_id,
      name: 'Demo app',
      redirectUris: confidential_client.redirect_uris,
      grantTypes: ['authorization_code', 'client_credentials', 'refresh_token'],
      tokenEndpointAuthMethod: 'client_secret_basic',
    },
    now,
  );
}

function demoPlayer({ public_client }: DemoState, now: number): Client {
  return demoClient(
    {
      id: public_client.client_id,
      name: 'Web player',
      redirectUris: public_client.redirect_uris,
      grantTypes: ['authorization_code', 'refresh_token'],
      tokenEndpointAuthMethod: 'none',
    },
    now,
  );
}

function musicServer({ music_server }: DemoState, now: number): Client {
  return demoClient(
    {
      id: music_server.client_id,
      name: 'Music API',
      redirectUris: [],
      grantTypes: [],
      tokenEndpointAuthMethod: 'client_secret_basic',
    },
    now,
  );
}

function demoResources(state: DemoState, offered: Offered, now: number): readonly Resource[] {
  const shared = {
    organizationId: DEFAULT_ORGANIZATION_ID,
    ...offered,
    defaultScopes: ['catalog-read'],
    clientTokenScopes: ['catalog-read'],
    signingAlg: 'ES256',
    resourceServers: [state.music_server.client_id],
    allowUrlClients: true,
    builtIn: false,
    createdAt: now,
    updatedAt: now,
  } as const;
  return [
    {
      ...shared,
      id: 'api_music',
      identifier: state.resources.music,
      name: 'Music API',
      tokenFormat: 'jwt',
      accessTokenLifetime: 3600,
      isDefault: true,
    },
    {
      ...shared,
      id: 'api_music_short',
      identifier: state.resources.music_short,
      name: 'Music API (30-second tokens)',
      tokenFormat: 'jwt',
      accessTokenLifetime: SHORT_LIFETIME_SECONDS,
      isDefault: false,
    },
  ];
}
