/** A server with the admin and account APIs, for the tests of this room. */
import { randomBytes } from 'node:crypto';
import { createTokenString } from '@tessera/tokens';
import { createVerifier, type Verifier } from '@tessera/verifier';
import type { FastifyInstance } from 'fastify';
import { verifyLog } from '../../audit/verify-log.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Client } from '../../domain/client.ts';
import { type Resource, TESSERA_API_IDENTIFIER } from '../../domain/resource.ts';
import type { User } from '../../domain/user.ts';
import { createHttpApp } from '../../http/app.ts';
import { createBrowser } from '../../http/browser.ts';
import { standardLimits } from '../../limits/testing/attempts.ts';
import type { FactorEnrolment } from '../../people/factor-enrolment.ts';
import { createSealedSteps } from '../../people/sealed-steps.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { createOutbound } from '../../outbound/outbound-http.ts';
import { createCatTokens } from '../../protocol/cat-tokens.ts';
import { createUpstreamSeals } from '../../protocol/upstream/sealed-provider.ts';
import { createKeyRing, type KeyRing } from '../../protocol/key-ring.ts';
import { createLastUses } from '../../protocol/last-uses.ts';
import { createMayDecide, createRoleIn } from '../../protocol/personal-tokens/role-in.ts';
import { createSealMail } from '../../mail/sealed-mail.ts';
import { openStore } from '../../store/open-store.ts';
import { registerAccountApi } from '../account-api.ts';
import { registerAdminApi } from '../admin-api.ts';

export const ISSUER = 'http://localhost:4400';

export interface ApiFixture {
  readonly app: FastifyInstance;
  readonly store: Store;
  /** The newest audit events, oldest first. */
  events(count: number): Promise<readonly AuditEvent[]>;
  /** Milliseconds; a test may move it. */
  readonly time: { now: number };
  /** A token that the APIs accept. */
  tokenFor(userId: string, scopes: readonly string[], kind?: 'user' | 'client'): string;
  /** As the first administrator. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object): Promise<Answer>;
  /** Stops it. Rejects if any answer was the server's own fault. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Tests look into answers of many shapes.
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of a test, which says itself what it expects in it
  readonly body: any;
}

export const ADMIN: User = person('usr_ada', 'ada@example.test', 'admin');
export const MEMBER: User = person('usr_bob', 'bob@example.test', 'member');

export function person(id: string, email: string, role: User['role']): User {
  return {
    id,
    email,
    emailVerified: true,
    claims: {},
    displayName: id,
    role,
    status: 'active',
    organizationId: `org_${id}`,
    passwordHash: '$argon2id$fixture',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
  };
}

export const BUILT_IN_CLIENT: Client = {
  id: 'tessera-cli',
  organizationId: 'org_default',
  name: 'Tessera command line',
  applicationType: 'native',
  redirectUris: ['http://127.0.0.1/callback'],
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'none',
  scopes: ['admin', 'account'],
  requirePkce: true,
  metadata: {},
  firstParty: true,
  registeredBy: 'built-in',
  status: 'active',
  secrets: [],
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
};

const BUILT_IN_RESOURCE: Resource = {
  id: 'res_tessera',
  organizationId: 'org_default',
  identifier: TESSERA_API_IDENTIFIER,
  name: 'Tessera',
  scopes: [{ name: 'admin', description: 'Administer Tessera' }],
  defaultScopes: [],
  tokenFormat: 'opaque',
  accessTokenLifetime: 3600,
  signingAlg: 'ES256',
  isDefault: false,
  resourceServers: [],
  builtIn: true,
  createdAt: 0,
  updatedAt: 0,
};

const AUDIT_KEY = randomBytes(32);

export async function createApiFixture(): Promise<ApiFixture> {
  const time = { now: 1_800_000_000_000 };
  const clock = () => time.now;
  const store = await openStore({ url: 'sqlite::memory:', clock });
  await fill(store);
  const keyRing = createKeyRing({ signingKeys: store.signingKeys, sealingKey: random(32), clock, random });
  const tokens = new Map<string, object>();
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: TESSERA_API_IDENTIFIER,
    clock,
    introspect: (token) => tokens.get(token) ?? { active: false },
  });
  const failures: unknown[] = [];
  const app = createHttpApp({
    clock,
    random,
    trustedProxies: [],
    report: ({ error }) => error !== undefined && failures.push(error),
    exposed: async () => undefined,
  });
  await mountBoth(app, store, { verifier, keyRing, clock });
  await app.ready();
  const tokenFor: ApiFixture['tokenFor'] = (sub, scopes, kind = 'user') => {
    const token = createTokenString('at', random);
    tokens.set(token, introspection(sub, scopes, kind === 'user' ? BUILT_IN_CLIENT.id : sub));
    return token;
  };
  const admin = tokenFor(ADMIN.id, ['admin']);
  return {
    app,
    store,
    events: async (count) => (await store.audit.list({}, { limit: count })).items.toReversed(),
    time,
    tokenFor,
    close: async () => {
      await app.close();
      await store.close();
      if (failures.length > 0) throw new AggregateError(failures, 'The server failed');
    },
    call: async (method, url, body) => {
      const headers = { authorization: `Bearer ${admin}` };
      const payload = body === undefined ? {} : { payload: body };
      const answer = await app.inject({ method, url, headers, ...payload });
      const parsed: unknown = answer.body === '' ? undefined : answer.json();
      return { status: answer.statusCode, headers: answer.headers, body: parsed };
    },
  };
}

async function mountBoth(
  app: FastifyInstance,
  store: Store,
  { verifier, keyRing, clock }: { verifier: Verifier; keyRing: KeyRing; clock: Clock },
): Promise<void> {
  const console = {
    browser: createBrowser(ISSUER, random(32), random),
    sessions: store.sessions,
    clock,
    secondFactorRequired: false,
  };
  const attemptLimits = standardLimits(store.failedAttempts);
  const shared = {
    ...store,
    attemptLimits,
    issuer: ISSUER,
    verifier,
    lastUses: createLastUses(store.tokenUses),
    roleIn: createRoleIn(store.memberships),
    mayDecide: createMayDecide(store.memberships),
    decidersOf: () => Promise.resolve([]),
    passwords: PASSWORDS,
    sealMail: createSealMail(random(32), random),
    clock,
    random,
    console,
    factors: { ...store, attemptLimits, random, sealingKey: random(32), required: false },
  };
  await registerAdminApi(app, {
    ...shared,
    keys: keyRing,
    personalApps: true,
    createOrganizations: 'everyone',
    catTokens: createCatTokens({ ...store, keyRing, sealingKey: random(32), random }),
    verifyAuditLog: (known) => verifyAuditLog(store, known),
    dutyTimes: { turnMs: 10_000, leaseMs: 5000 },
    outbound: createOutbound({ clock, allowHosts: ['127.0.0.2'] }),
    sealingKey: random(32),
    upstreamSeals: createUpstreamSeals(random(32), random),
    hashPassword,
  });
  const enrolments = createSealedSteps<FactorEnrolment>('factor-enrolment', random(32), random);
  await registerAccountApi(app, { ...shared, enrolments });
}

async function verifyAuditLog({ auditChain: chain }: Store, known: Known) {
  await chain.link(random);
  return verifyLog({ chain, key: AUDIT_KEY, ...(known && { known }) });
}

type Known = Parameters<Parameters<typeof registerAdminApi>[1]['verifyAuditLog']>[0];

function random(size: number): Uint8Array {
  return randomBytes(size);
}

/** Quick, and nothing else. */
const PASSWORDS = {
  hashPassword,
  verifyPassword: async (phc: string | undefined, password: string) => phc === (await hashPassword(password)),
};

async function hashPassword(password: string): Promise<string> {
  return `$argon2id$of-${password.length}`;
}

async function fill(store: Store): Promise<void> {
  for (const user of [ADMIN, MEMBER]) await store.users.create(user, event('user.created'));
  await store.clients.create(BUILT_IN_CLIENT, event('client.created'));
  await store.resources.create(BUILT_IN_RESOURCE, event('resource.created'));
}

/** An audit event for what the test itself does. */
export function event(type: AuditEvent['type']): AuditEvent {
  const id = `evt_${Buffer.from(random(16)).toString('base64url')}`;
  return { id, at: 1_700_000_000_000, type, outcome: 'success', actor: 'system' };
}

/** What the server would answer about a token of this person, or of this client for itself. */
function introspection(sub: string, scopes: readonly string[], clientId: string): object {
  return {
    active: true,
    iss: ISSUER,
    sub,
    client_id: clientId,
    aud: TESSERA_API_IDENTIFIER,
    scope: scopes.join(' '),
    exp: 1_900_000_000,
    iat: 1_800_000_000,
    token_type: 'Bearer',
  };
}
