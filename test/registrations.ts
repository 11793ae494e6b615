// What a test server knows from the start, and how more is registered: apps, APIs, people.
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { type Client, usesSecret } from '../packages/server/src/domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../packages/server/src/domain/organization.ts';
import type { Resource } from '../packages/server/src/domain/resource.ts';
import type { User } from '../packages/server/src/domain/user.ts';
import type { Tessera } from '../packages/server/src/main.ts';
import { newUser, systemEvent } from '../packages/server/src/startup/first-start.ts';

/** A client as whoever develops the app knows it. */
export interface RegisteredClient {
  readonly id: string;
  readonly secret: string | undefined;
  readonly redirectUri: string;
}

export interface Person {
  readonly user: User;
  readonly email: string;
  readonly password: string;
}

export type ClientDetails = Partial<Client> & { readonly id: string; readonly secret?: string };

/** Registers a confidential web client unless the details say otherwise. */
export async function registerClient(tessera: Tessera, details: ClientDetails): Promise<RegisteredClient> {
  const { store, clock, random } = tessera;
  const { secret: chosen, ...rest } = details;
  const now = clock();
  const isPublic = rest.tokenEndpointAuthMethod === 'none';
  const hasSecret = usesSecret(rest.tokenEndpointAuthMethod ?? 'client_secret_basic');
  const secret = !hasSecret ? undefined : (chosen ?? createTokenString('cs', random));
  const client: Client = {
    organizationId: DEFAULT_ORGANIZATION_ID,
    name: `App ${rest.id}`,
    applicationType: 'web',
    redirectUris: [`https://${rest.id}.example.com/cb`],
    grantTypes: isPublic
      ? ['authorization_code', 'refresh_token']
      : ['authorization_code', 'client_credentials', 'refresh_token'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    requirePkce: true,
    metadata: {},
    firstParty: false,
    registeredBy: 'operator',
    status: 'active',
    secrets:
      secret === undefined
        ? []
        : [{ id: `sec_${rest.id}`, hash: hashTokenString(secret), hint: secret.slice(-4), createdAt: now }],
    createdAt: now,
    updatedAt: now,
    ...rest,
  };
  await store.clients.create(client, systemEvent(tessera, 'client.created', { clientId: client.id }));
  return { id: client.id, secret, redirectUri: client.redirectUris[0] ?? '' };
}

export type ResourceDetails = Partial<Resource> & { readonly identifier: string };

/** Registers an API with JWTs of an hour and the scopes `read` and `write` unless the details say otherwise. */
export async function registerResource(tessera: Tessera, details: ResourceDetails): Promise<Resource> {
  const { store, clock } = tessera;
  const now = clock();
  const resource: Resource = {
    id: `api_${Buffer.from(hashTokenString(details.identifier)).toString('hex').slice(0, 12)}`,
    organizationId: DEFAULT_ORGANIZATION_ID,
    name: `API ${details.identifier}`,
    scopes: [
      { name: 'read', description: 'Read what is there' },
      { name: 'write', description: 'Change what is there' },
    ],
    defaultScopes: ['read'],
    tokenFormat: 'jwt',
    signingAlg: 'ES256',
    isDefault: false,
    resourceServers: [],
    builtIn: false,
    createdAt: now,
    updatedAt: now,
    ...details,
  };
  await store.resources.create(
    resource,
    systemEvent(tessera, 'resource.created', { resourceId: resource.id }),
  );
  return resource;
}

export async function registerPerson(
  tessera: Tessera,
  details: {
    readonly email: string;
    readonly password?: string;
    readonly role?: User['role'];
    readonly displayName?: string;
  },
): Promise<Person> {
  const { email, password = 'correct horse battery staple', role = 'member' } = details;
  const { displayName = email.split('@', 1)[0] ?? email } = details;
  const user = await newUser(tessera, { email, password, displayName, role });
  await tessera.store.users.create(user, systemEvent(tessera, 'user.created', { userId: user.id }));
  return { user, email, password };
}

export const MUSIC = 'https://music.example/';
export const OPAQUE = 'https://opaque.example/';
export const SHORT = 'https://short.example/';

export interface Registrations {
  readonly person: Person;
  readonly clients: {
    readonly confidential: RegisteredClient;
    readonly publicWeb: RegisteredClient;
    readonly native: RegisteredClient;
    /** Serves the music, opaque and short APIs. */
    readonly musicServer: RegisteredClient;
    /** Serves an API of its own, and none of the others. */
    readonly otherServer: RegisteredClient;
  };
  readonly resources: { readonly music: Resource; readonly opaque: Resource; readonly short: Resource };
}

export async function registerAll(tessera: Tessera): Promise<Registrations> {
  const { musicScopes, defaultMusicScopes } = await import('@tessera/example-music-api');
  const client = (details: ClientDetails): Promise<RegisteredClient> => registerClient(tessera, details);
  const clients = {
    confidential: await client({ id: 'confidential' }),
    publicWeb: await client({ id: 'spa', tokenEndpointAuthMethod: 'none' }),
    native: await client({
      id: 'native',
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'com.example.native:/cb'],
    }),
    musicServer: await client({ id: 'music-server', redirectUris: [], grantTypes: [] }),
    otherServer: await client({ id: 'other-server', redirectUris: [], grantTypes: [] }),
  };
  const scopes = {
    scopes: musicScopes,
    defaultScopes: defaultMusicScopes,
    resourceServers: ['music-server'],
  };
  const resources = {
    music: await registerResource(tessera, { ...scopes, identifier: MUSIC, isDefault: true }),
    opaque: await registerResource(tessera, { ...scopes, identifier: OPAQUE, tokenFormat: 'opaque' }),
    short: await registerResource(tessera, { ...scopes, identifier: SHORT, accessTokenLifetime: 2 }),
  };
  await registerResource(tessera, {
    identifier: 'https://other.example/',
    resourceServers: ['other-server'],
  });
  return { person: await registerPerson(tessera, { email: 'ada@example.test' }), clients, resources };
}
