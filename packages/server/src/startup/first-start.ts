/** What every Tessera has from its first start: its own API, the command line's client, an administrator. */
import { createTokenString, hashTokenString } from '@tessera/tokens';
import type { Config } from '../config.ts';
import { DEVICE_CODE_GRANT } from '../domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../domain/organization.ts';
import { TESSERA_API_IDENTIFIER } from '../domain/resource.ts';
import { normalizeEmail, type User, USER_ID_PREFIX } from '../domain/user.ts';
import type { Tessera } from '../main.ts';
import { auditEvent } from '../protocol/audit-event.ts';

/** The public client that `tessera login` uses. */
export const CLI_CLIENT_ID = 'tessera-cli';

export interface FirstStart {
  /** Present when an administrator was made just now. */
  readonly madeAdministrator?: {
    readonly email: string;
    readonly password: string;
    readonly generated: boolean;
  };
}

/** Safe to run at every start, and on many nodes at once. */
export async function prepareFirstStart(tessera: Tessera, config: Config): Promise<FirstStart> {
  const { resources, clients, users } = tessera.store;
  await ensure(
    async () => (await resources.findByIdentifier(TESSERA_API_IDENTIFIER)) !== undefined,
    () => makeOwnApi(tessera),
  );
  await ensure(
    async () => (await clients.find(CLI_CLIENT_ID)) !== undefined,
    () => makeCliClient(tessera),
  );
  const generated = config.admin_password === undefined;
  const email = normalizeEmail(config.admin_email ?? 'admin@localhost');
  const password = config.admin_password ?? readablePassword(tessera);
  const isMade = await ensure(
    async () => (await users.countAdmins()) > 0,
    async () => {
      const user = await newUser(tessera, { email, password, displayName: 'Administrator', role: 'admin' });
      await users.create(user, systemEvent(tessera, 'user.created', { userId: user.id }));
    },
  );
  return isMade ? { madeAdministrator: { email, password, generated } } : {};
}

/** Another node may be faster: then it is there, which is all that was wanted. @returns whether it was made just now */
async function ensure(isThere: () => Promise<boolean>, make: () => Promise<void>): Promise<boolean> {
  if (await isThere()) return false;
  try {
    await make();
    return true;
  } catch (error) {
    if (await isThere()) return false;
    throw error;
  }
}

/** A user record with a fresh id and a hashed password. */
export async function newUser(
  tessera: Pick<Tessera, 'passwords' | 'random' | 'clock'>,
  person: {
    readonly email: string;
    readonly password: string;
    readonly displayName: string;
    readonly role: User['role'];
  },
): Promise<User> {
  const now = tessera.clock();
  const suffix = Buffer.from(tessera.random(12)).toString('base64url');
  return {
    id: `${USER_ID_PREFIX}${suffix}`,
    email: normalizeEmail(person.email),
    emailVerified: true,
    claims: {},
    displayName: person.displayName,
    role: person.role,
    status: 'active',
    organizationId: `org_${suffix}`,
    passwordHash: await tessera.passwords.hashPassword(person.password),
    createdAt: now,
    updatedAt: now,
  };
}

/** Sixty random bits in characters that nobody confuses: `7k2m-x9pd-q4wf`. */
export function readablePassword({ random }: Pick<Tessera, 'random'>): string {
  const alphabet = '23456789abcdefghjkmnpqrstuvwxyz2'; // 32 characters, so that five bits choose one
  const characters = [...random(12)].map((byte) => alphabet[byte & 31]).join('');
  return `${characters.slice(0, 4)}-${characters.slice(4, 8)}-${characters.slice(8)}`;
}

/** How long `<data>/admin.token` is good, in seconds. */
const ADMIN_TOKEN_LIFETIME_SECONDS = 24 * 3600;

/** An access token of an administrator for Tessera's own API. */
export async function issueAdminToken(tessera: Tessera, administrator: User): Promise<string> {
  const { store, clock, random } = tessera;
  const api = await store.resources.findByIdentifier(TESSERA_API_IDENTIFIER);
  if (api === undefined) throw new Error('the API of this server is not registered');
  const token = createTokenString('at', random);
  const issuedAt = Math.floor(clock() / 1000) * 1000;
  // Whoever starts the server is not judged; but what changes from now on ends this token as it does others.
  const { epoch } = await store.policies.snapshot();
  await store.accessTokens.issue({
    id: hashTokenString(token),
    format: 'opaque',
    clientId: CLI_CLIENT_ID,
    userId: administrator.id,
    resourceId: api.id,
    scopes: ['admin', 'account'],
    issuedAt,
    expiresAt: issuedAt + ADMIN_TOKEN_LIFETIME_SECONDS * 1000,
    lifetimeReason: 'admin_token',
    ...(epoch === 0 ? {} : { policyEpoch: epoch }),
  });
  return token;
}

export function systemEvent(
  { clock, random }: Pick<Tessera, 'clock' | 'random'>,
  type: Parameters<typeof auditEvent>[1]['type'],
  about: { readonly userId?: string; readonly clientId?: string; readonly resourceId?: string } = {},
): ReturnType<typeof auditEvent> {
  const context = { at: clock(), requestId: 'start', address: 'local' };
  return auditEvent(context, { type, outcome: 'success', actor: 'system', ...about }, random);
}

async function makeOwnApi(tessera: Tessera): Promise<void> {
  const { store, clock } = tessera;
  const now = clock();
  const resource = {
    id: 'api_tessera',
    organizationId: DEFAULT_ORGANIZATION_ID,
    identifier: TESSERA_API_IDENTIFIER,
    name: 'Tessera',
    scopes: [
      { name: 'admin', description: 'Manage people, apps, APIs, keys and tokens of this server' },
      { name: 'account', description: 'Manage your account' },
    ],
    defaultScopes: ['account'],
    tokenFormat: 'opaque',
    accessTokenLifetime: 3600,
    signingAlg: 'ES256',
    isDefault: false,
    resourceServers: [],
    builtIn: true,
    createdAt: now,
    updatedAt: now,
  } as const;
  await store.resources.create(
    resource,
    systemEvent(tessera, 'resource.created', { resourceId: resource.id }),
  );
}

async function makeCliClient(tessera: Tessera): Promise<void> {
  const { store, clock } = tessera;
  const now = clock();
  await store.clients.create(
    {
      id: CLI_CLIENT_ID,
      organizationId: DEFAULT_ORGANIZATION_ID,
      name: 'Tessera command line',
      applicationType: 'native',
      redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
      grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
      tokenEndpointAuthMethod: 'none',
      requirePkce: true,
      metadata: {},
      firstParty: true,
      registeredBy: 'built-in',
      status: 'active',
      secrets: [],
      createdAt: now,
      updatedAt: now,
    },
    systemEvent(tessera, 'client.created', { clientId: CLI_CLIENT_ID }),
  );
}
