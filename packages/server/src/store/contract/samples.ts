import { randomBytes, randomUUID } from 'node:crypto';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { AuthorizationCode } from '../../domain/authorization-code.ts';
import type { ClientToken } from '../../domain/client-token.ts';
import type { Client } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Membership } from '../../domain/membership.ts';
import { DEFAULT_ORGANIZATION_ID, type Organization } from '../../domain/organization.ts';
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';
import type { RefreshFamily, RefreshToken } from '../../domain/refresh-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Session } from '../../domain/session.ts';
import type { SigningKey } from '../../domain/signing-key.ts';
import type { Policy } from '../../domain/policy.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../ports/store.ts';

/** The time at which the samples begin. */
export const NOW = 1_790_000_000_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** 32 random bytes in the place of a hash. */
export const bytes = (): Uint8Array => new Uint8Array(randomBytes(32));
export const name = (prefix: string): string => `${prefix}${randomUUID().replaceAll('-', '')}`;

export const audit = (type: AuditEvent['type'], more: Partial<AuditEvent> = {}): AuditEvent => ({
  id: name('aud_'),
  at: NOW,
  type,
  outcome: 'success',
  actor: 'system',
  ...more,
});

export const policy = (more: Partial<Policy> = {}): Policy => ({
  id: name('pol_'),
  organizationId: 'org_default',
  serverWide: true,
  name: 'A policy',
  mode: 'enforce',
  conditions: {},
  outcome: { kind: 'block' },
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  decidesFrom: NOW,
  ...more,
});

export const user = (more: Partial<User> = {}): User => ({
  id: name('usr_'),
  email: `${name('')}@example.com`,
  emailVerified: true,
  displayName: 'Ada',
  role: 'member',
  status: 'active',
  organizationId: name('org_'),
  claims: {},
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

export const client = (more: Partial<Client> = {}): Client => ({
  id: name('app_'),
  organizationId: DEFAULT_ORGANIZATION_ID,
  name: 'Player',
  applicationType: 'web',
  redirectUris: ['https://player.example/callback'],
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  requirePkce: true,
  metadata: {},
  firstParty: false,
  registeredBy: 'operator',
  status: 'active',
  secrets: [],
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

export const clientToken = (clientId: string, more: Partial<ClientToken> = {}): ClientToken => ({
  id: bytes(),
  clientId,
  sealed: bytes(),
  hint: 'abcd',
  createdAt: NOW,
  ...more,
});

export const membership = ({ id }: { readonly id: string }, more: Partial<Membership> = {}): Membership => ({
  organizationId: DEFAULT_ORGANIZATION_ID,
  userId: id,
  role: 'member',
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

/** The organization of a membership. */
export const team = ({ organizationId: id }: Membership): Organization => ({
  id,
  name: 'Team',
  kind: 'team',
  createdAt: NOW,
});

export const resource = (more: Partial<Resource> = {}): Resource => ({
  id: name('res_'),
  organizationId: DEFAULT_ORGANIZATION_ID,
  identifier: `https://${name('')}.example/`,
  name: 'Music',
  scopes: [{ name: 'tracks:read', description: 'See tracks' }],
  defaultScopes: ['tracks:read'],
  tokenFormat: 'jwt',
  accessTokenLifetime: { min: 3600, max: 5400 },
  signingAlg: 'ES256',
  isDefault: false,
  resourceServers: [],
  builtIn: false,
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

export const session = (of: User, more: Partial<Session> = {}): Session => ({
  id: name(''),
  sid: name('sid'),
  userId: of.id,
  authTime: NOW,
  amr: ['pwd'],
  createdAt: NOW,
  expiresAt: NOW + DAY,
  ...more,
});

export const signingKey = (more: Partial<SigningKey> = {}): SigningKey => ({
  kid: name(''),
  alg: 'ES256',
  publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  sealedPrivateKey: bytes(),
  createdAt: NOW,
  activeFrom: NOW,
  ...more,
});

export const grant = (of: User, to: Client, more: Partial<Grant> = {}): Grant => ({
  id: name('gra_'),
  userId: of.id,
  clientId: to.id,
  organizationId: DEFAULT_ORGANIZATION_ID,
  scopes: ['openid', 'tracks:read'],
  authTime: NOW,
  amr: ['pwd'],
  createdAt: NOW,
  ...more,
});

export const code = (of: Grant, more: Partial<AuthorizationCode> = {}): AuthorizationCode => ({
  hash: bytes(),
  grantId: of.id,
  clientId: of.clientId,
  redirectUri: 'https://player.example/callback',
  codeChallenge: 'challenge',
  expiresAt: NOW + 60_000,
  ...more,
});

export const accessToken = (of: Grant | undefined, more: Partial<AccessTokenRow> = {}): AccessTokenRow => ({
  id: bytes(),
  format: 'opaque',
  ...(of && { grantId: of.id, userId: of.userId }),
  clientId: of?.clientId ?? 'app_unknown',
  scopes: ['tracks:read'],
  issuedAt: NOW,
  expiresAt: NOW + HOUR,
  lifetimeReason: 'resource',
  ...more,
});

export const personalToken = (of: User, more: Partial<PersonalAccessToken> = {}): PersonalAccessToken => ({
  id: name('pat_'),
  hash: bytes(),
  hint: 'aaaa',
  userId: of.id,
  organizationId: of.organizationId,
  resourceId: name('res_'),
  name: 'script',
  scopes: ['tracks:read'],
  createdAt: NOW,
  updatedAt: NOW,
  expiresAt: NOW + 30 * DAY,
  approval: 'none',
  ...more,
});

export const family = (of: Grant, more: Partial<RefreshFamily> = {}): RefreshFamily => ({
  id: name('fam_'),
  grantId: of.id,
  clientId: of.clientId,
  expiresAt: NOW + 90 * DAY,
  createdAt: NOW,
  ...more,
});

export const refreshToken = (
  of: { readonly id: string },
  more: Partial<RefreshToken> = {},
): RefreshToken => ({
  hash: bytes(),
  familyId: of.id,
  expiresAt: NOW + 30 * DAY,
  createdAt: NOW,
  ...more,
});

/** How the person of `grant` signed in, as the state of a token tells it. */
export const SIGN_IN = { authTime: NOW, amr: ['pwd'] };

export interface Authorized {
  readonly user: User;
  readonly client: Client;
  readonly grant: Grant;
  readonly code: AuthorizationCode;
}

/** A user, a client, and a grant between them with a code not used yet. */
export async function authorize(
  store: Store,
  more: { readonly grant?: Partial<Grant>; readonly code?: Partial<AuthorizationCode> } = {},
): Promise<Authorized> {
  const someone = user();
  const app = client();
  await store.users.create(someone, audit('user.created'));
  await store.clients.create(app, audit('client.created'));
  const allowed = grant(someone, app, more.grant);
  const given = code(allowed, more.code);
  await store.grants.authorize({ grant: allowed, code: given });
  return { user: someone, client: app, grant: allowed, code: given };
}

export interface Redeemed extends Authorized {
  readonly accessToken: AccessTokenRow;
  readonly family: RefreshFamily;
  readonly refreshToken: RefreshToken;
}

/** As `authorize`, and the code has been exchanged for an access and a refresh token. */
export async function redeem(
  store: Store,
  more: { readonly family?: Partial<RefreshFamily> } = {},
): Promise<Redeemed> {
  const authorized = await authorize(store);
  const access = accessToken(authorized.grant);
  const line = family(authorized.grant, more.family);
  const refresh = refreshToken(line, { expiresAt: Math.min(NOW + 30 * DAY, line.expiresAt) });
  const outcome = await store.grants.redeemCode({
    codeHash: authorized.code.hash,
    at: NOW,
    accessToken: access,
    refresh: { family: line, token: refresh },
    reuseAudit: audit('authorization_code.reused'),
  });
  if (outcome !== 'redeemed') throw new Error(`the sample code is ${outcome}`);
  return { ...authorized, accessToken: access, family: line, refreshToken: refresh };
}
