// A Tessera that is full: rows for every list of the admin and account APIs, a whole set at a time.
import { DEFAULT_ORGANIZATION_ID } from '../packages/server/src/domain/organization.ts';
import type { Policy } from '../packages/server/src/domain/policy.ts';
import type { User } from '../packages/server/src/domain/user.ts';
import {
  accessToken,
  audit,
  bytes,
  client,
  code,
  DAY,
  grant,
  HOUR,
  name,
  personalToken,
  resource,
  session,
  user,
} from '../packages/server/src/store/contract/samples.ts';
import { type ApiCall, signedIn } from './account-calls.ts';
import type { TestServer } from './harness.ts';

/** Whoever asks for the lists: an operator, who has some of everything. */
export interface Caller {
  readonly user: User;
  /** A policy that each set changes once. */
  readonly policyId: string;
  readonly call: ApiCall;
}

/** One row of every list: some of the caller's, some of a person who comes with it. */
export interface CrowdSet {
  readonly user: User;
  readonly clientId: string;
  /** Takes away what of it can be deleted. */
  remove(): Promise<void>;
}

export async function becomeCaller(server: TestServer): Promise<Caller> {
  const person = await server.registerPerson({ email: 'operator@example.test', role: 'admin' });
  const { store, clock } = server.tessera;
  const policy = policyOf(clock());
  await store.policies.create(policy, [], audit('policy.created', { at: clock() }));
  return { user: person.user, policyId: policy.id, call: await signedIn(server, person) };
}

export async function addSet(server: TestServer, caller: Caller): Promise<CrowdSet> {
  const { store, clock } = server.tessera;
  // No two sets at one time: some rows can be told apart by it alone.
  server.clock.advance(1000);
  const now = clock();
  const times = { createdAt: now, updatedAt: now };
  const someone = user(times);
  const app = client({ ...times, name: name('App ') });
  const agent = client({ ...times, agent: agentOf(caller.user, now) });
  const api = resource(times);
  await store.users.create(someone, audit('user.created', { at: now, userId: someone.id }));
  await store.clients.create(app, audit('client.created', { at: now, clientId: app.id }));
  await store.clients.create(agent, audit('agent.created', { at: now, clientId: agent.id }));
  await store.resources.create(api, audit('resource.created', { at: now, resourceId: api.id }));
  const ticket = name('iat_');
  const created = audit('initial_access_token.created', { at: now });
  await store.initialAccessTokens.create(ticketOf(ticket, now), created);
  const policy = policyOf(now);
  await store.policies.create(policy, [], audit('policy.created', { at: now }));
  const changed = await store.policies.find(caller.policyId);
  if (changed !== undefined) {
    const next = { ...changed, version: changed.version + 1, updatedAt: now };
    await store.policies.update(next, [], audit('policy.updated', { at: now }), changed);
  }
  const issuer = name('tri_');
  await store.trustedIssuers.create(issuerOf(issuer, now), audit('trusted_issuer.created', { at: now }));
  for (const owner of [someone, caller.user]) {
    const allowed = grant(owner, app, { createdAt: now, authTime: now });
    const given = code(allowed, { expiresAt: now + HOUR });
    const about = { at: now, actor: owner.id, userId: owner.id, clientId: app.id };
    // oxlint-disable no-await-in-loop -- so that rows have one order
    await store.grants.authorize({ grant: allowed, code: given, audit: audit('consent.granted', about) });
    await store.accessTokens.issue(accessToken(allowed, { issuedAt: now, expiresAt: now + HOUR }));
    const token = personalToken(owner, { ...times, expiresAt: now + 30 * DAY });
    await store.personalAccessTokens.create(token, audit('personal_access_token.created', about));
    // oxlint-enable no-await-in-loop
  }
  await store.refusals.record([refusalOf(app.id, now)]);
  await store.memberships.add(
    { organizationId: DEFAULT_ORGANIZATION_ID, userId: someone.id, role: 'developer', ...times },
    audit('member.added', { at: now, userId: someone.id }),
  );
  const invitation = name('inv_');
  await store.invitations.create(
    {
      id: invitation,
      hash: bytes(),
      organizationId: DEFAULT_ORGANIZATION_ID,
      email: `${invitation}@example.com`,
      role: 'member',
      invitedBy: caller.user.id,
      createdAt: now,
      expiresAt: now + DAY,
    },
    { id: name('msg_'), purpose: 'invitation', sealed: bytes(), createdAt: now, expiresAt: now + DAY },
    audit('invitation.created', { at: now }),
  );
  return {
    user: someone,
    clientId: app.id,
    async remove() {
      await store.invitations.end(invitation, audit('invitation.revoked'));
      await store.policies.delete(policy, [], audit('policy.deleted'));
      await store.trustedIssuers.delete(issuer, audit('trusted_issuer.deleted'));
      await store.initialAccessTokens.delete(ticket, audit('initial_access_token.deleted'));
      await store.resources.delete(api.id, audit('resource.deleted'));
      await store.clients.delete(agent.id, audit('agent.deleted'));
      await store.clients.delete(app.id, audit('client.deleted'));
      await store.users.delete(someone.id, audit('user.deleted'));
    },
  };
}

export interface CrowdSizes {
  readonly sets: number;
  readonly tokens: number;
  readonly auditEvents: number;
  readonly refusals: number;
}

/** Sets, and beyond them rows of the lists that grow without end. */
export async function gather(
  server: TestServer,
  caller: Caller,
  { sets, tokens, auditEvents, refusals }: CrowdSizes,
): Promise<readonly CrowdSet[]> {
  const { store, clock } = server.tessera;
  const made: CrowdSet[] = [];
  // Each writes a dozen rows, one of them the same for all.
  await inBatches(sets, async () => void made.push(await addSet(server, caller)), SETS_AT_ONCE);
  const of = (index: number): CrowdSet => {
    const set = made[index % made.length];
    if (set === undefined) throw new Error('a crowd needs a set');
    return set;
  };
  const now = clock();
  await inBatches(Math.min(MOST_SESSIONS, sets), async (index) => {
    await store.sessions.start(sessionOf(of(index).user, now), undefined, audit('sign_in', { at: now }));
    await store.sessions.start(sessionOf(caller.user, now), undefined, audit('sign_in', { at: now }));
  });
  await inBatches(tokens, (index) => {
    const { user: owner, clientId } = of(index);
    const row = { userId: owner.id, clientId, issuedAt: now, expiresAt: now + HOUR };
    return store.accessTokens.issue(accessToken(undefined, row));
  });
  await inBatches(auditEvents, (index) => {
    const actor = index % 2 === 0 ? caller.user : of(index).user;
    const { clientId } = of(index % 4 === 0 ? 0 : index);
    const at = now - (auditEvents - index) * 1000;
    const about = { at, actor: actor.id, userId: actor.id, clientId, address: '192.0.2.1' };
    return store.audit.record(audit(index % 5 === 0 ? 'sign_out' : 'sign_in', about));
  });
  await inBatches(Math.ceil(refusals / 100), (batch) =>
    store.refusals.record(
      Array.from({ length: 100 }, (_, index) => refusalOf(of(batch * 100 + index).clientId, now)),
    ),
  );
  return made;
}

const AT_ONCE = 20;
const SETS_AT_ONCE = 5;
/** No more of a person's sessions are shown. */
const MOST_SESSIONS = 100;

async function inBatches(
  count: number,
  make: (index: number) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<void> {
  for (let from = 0; from < count; from += atOnce) {
    const length = Math.min(atOnce, count - from);
    // oxlint-disable-next-line no-await-in-loop -- the store takes no more than a queue of writes
    await Promise.all(Array.from({ length }, (_, index) => make(from + index)));
  }
}

const policyOf = (now: number): Policy => ({
  id: name('pol_'),
  organizationId: DEFAULT_ORGANIZATION_ID,
  serverWide: false,
  name: 'At night',
  mode: 'off',
  conditions: {},
  outcome: { kind: 'block' },
  version: 1,
  createdAt: now,
  updatedAt: now,
  decidesFrom: now,
});

const agentOf = (owner: User, now: number) => ({
  ownerId: owner.id,
  purpose: 'Tidy',
  permissions: [],
  actsWith: [],
  reviewAt: now + 90 * DAY,
  confirmedAt: now,
});

const ticketOf = (id: string, now: number) => ({
  id,
  hash: bytes(),
  hint: 'abcd',
  name: 'For apps',
  organizationId: DEFAULT_ORGANIZATION_ID,
  maxUses: 1,
  uses: 0,
  createdAt: now,
  expiresAt: now + DAY,
});

const issuerOf = (id: string, now: number) => ({
  id,
  organizationId: DEFAULT_ORGANIZATION_ID,
  name: 'Builds',
  issuer: `https://${id.replace('_', '-')}.example`,
  kind: 'workload' as const,
  status: 'active' as const,
  jwksUri: 'https://builds.example/jwks',
  maxLifetimeSeconds: 600,
  rules: [],
  createdAt: now,
  updatedAt: now,
});

const refusalOf = (clientId: string, now: number) => ({
  requestId: name('req_'),
  at: now,
  method: 'POST',
  path: '/api/token',
  status: 400,
  error: 'invalid_grant',
  description: 'The code is unknown',
  clientId,
  address: '192.0.2.1',
});

const sessionOf = (of: User, now: number) =>
  session(of, { authTime: now, createdAt: now, expiresAt: now + DAY });
