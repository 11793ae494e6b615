/** An organization with one of everything it can own, and people in it, beside it and outside. */
import { hashTokenString } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import type { Membership, OrganizationRole } from '../../domain/membership.ts';
import type { Resource } from '../../domain/resource.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../ports/store.ts';
import { type ApiFixture, BUILT_IN_CLIENT, event, person } from './api-fixture.ts';

export interface TwoOrganizations {
  readonly organizationId: string;
  readonly otherOrganizationId: string;
  readonly owner: User;
  readonly member: User;
  readonly developer: User;
  /** Owns the other organization, and has nothing to do with this one. */
  readonly stranger: User;
  /** What stands in a path for an object of the organization, by the route's own words. */
  readonly ids: Readonly<Record<string, string>>;
  /** Everything that is kept of the organization and of what it owns. */
  snapshot(): Promise<unknown>;
}

const ORGANIZATION = 'org_first';
const OTHER = 'org_second';
const INVITATION = { id: 'inv_first', email: 'invited@example.test' };

export async function createTwoOrganizations(fixture: ApiFixture): Promise<TwoOrganizations> {
  const { store, time } = fixture;
  const [owner, member, developer, stranger] = await Promise.all(
    ['owner', 'member', 'developer', 'stranger'].map((name) => makePerson(name, store)),
  );
  if (!owner || !member || !developer || !stranger) throw new Error('four people were made');
  await makeOrganization(ORGANIZATION, owner, time.now, store);
  await makeOrganization(OTHER, stranger, time.now, store);
  await join(member, 'member', time.now, store);
  await join(developer, 'developer', time.now, store);
  const ids = await fill(fixture, owner, member);
  return {
    organizationId: ORGANIZATION,
    otherOrganizationId: OTHER,
    owner,
    member,
    developer,
    stranger,
    ids,
    snapshot: () => snapshot(ids, store, time.now),
  };
}

async function makePerson(name: string, store: Store): Promise<User> {
  const one = person(`usr_${name}`, `${name}@example.test`, 'member');
  await store.users.create(one, event('user.created'));
  return one;
}

async function makeOrganization(id: string, owner: User, now: number, store: Store): Promise<void> {
  const organization = { id, name: `Organization ${id}`, kind: 'team', createdAt: now } as const;
  const ownership = membership(id, owner, 'owner', now);
  await store.organizations.create(organization, ownership, event('organization.created'));
}

async function join(one: User, role: OrganizationRole, now: number, store: Store): Promise<void> {
  await store.memberships.add(membership(ORGANIZATION, one, role, now), event('member.added'));
}

function membership(organizationId: string, { id }: User, role: OrganizationRole, now: number): Membership {
  return { organizationId, userId: id, role, createdAt: now, updatedAt: now };
}

/** Made by the API itself where it can make them, so that what it keeps is what it would keep. */
async function fill(fixture: ApiFixture, owner: User, member: User): Promise<Record<string, string>> {
  const { store, time } = fixture;
  const owned = { organization_id: ORGANIZATION };
  const app = { ...owned, client_name: 'Billing', redirect_uris: ['https://app.example/callback'] };
  const client = (await fixture.call('POST', '/admin/v1/clients', app)).body;
  const secrets = await fixture.call('GET', `/admin/v1/clients/${client.client_id}/secrets`);
  await fixture.call('POST', `/admin/v1/clients/${client.client_id}/client-token`, {});
  const api = { ...owned, identifier: 'https://first.example/', name: 'First', token_format: 'cat' };
  const resource = (await fixture.call('POST', '/admin/v1/resources', api)).body;
  const tokenId = await issue(client.client_id, owner, fixture);
  const invitation = {
    ...INVITATION,
    hash: hashTokenString('invitation'),
    organizationId: ORGANIZATION,
    role: 'member',
    invitedBy: owner.id,
    createdAt: time.now,
    expiresAt: time.now + 3_600_000,
  } as const;
  const mail = { id: 'msg_1', purpose: 'invitation', sealed: new Uint8Array(1) } as const;
  await store.invitations.create(
    invitation,
    { ...mail, createdAt: time.now, expiresAt: time.now + 1 },
    event('invitation.created'),
  );
  const policy = { ...owned, name: 'Nobody', outcome: { kind: 'block' }, mode: 'report_only' };
  const madePolicy = (await fixture.call('POST', '/admin/v1/policies', policy)).body;
  const pat = await makePersonalToken(member, resource.id, fixture);
  const agent = await makeAgent(owner, fixture);
  return {
    agents: agent,
    'personal-access-tokens': pat,
    organizations: ORGANIZATION,
    clients: client.client_id,
    policies: madePolicy.id,
    resources: resource.id,
    grants: 'gra_first',
    tokens: tokenId,
    users: owner.id,
    user_id: member.id,
    secret_id: secrets.body.items[0].id,
    invitation_id: invitation.id,
  };
}

/** Its owner is in the organization, which answers for it by that. */
async function makeAgent(owner: User, { store, time }: ApiFixture): Promise<string> {
  const agent: Client = {
    ...BUILT_IN_CLIENT,
    id: 'app_agent',
    organizationId: owner.organizationId,
    name: 'Tidier',
    registeredBy: 'member',
    firstParty: false,
    redirectUris: [],
    agent: {
      ownerId: owner.id,
      purpose: 'Tidies',
      permissions: [],
      actsWith: [],
      reviewAt: time.now + 3_600_000,
      confirmedAt: time.now,
    },
    createdAt: time.now,
    updatedAt: time.now,
  };
  await store.clients.create(agent, event('agent.created'));
  return agent.id;
}

async function makePersonalToken(of: User, resourceId: string, { store, time }: ApiFixture): Promise<string> {
  const token = {
    id: 'pat_first',
    hash: hashTokenString('personal'),
    hint: 'aaaa',
    userId: of.id,
    organizationId: ORGANIZATION,
    resourceId,
    name: 'script',
    scopes: [],
    createdAt: time.now,
    updatedAt: time.now,
    expiresAt: time.now + 3_600_000,
    approval: 'pending',
    approvalOrganizationId: ORGANIZATION,
  } as const;
  await store.personalAccessTokens.create(token, event('personal_access_token.created'));
  return token.id;
}

async function issue(clientId: string, of: User, { store, time }: ApiFixture): Promise<string> {
  const grant = {
    id: 'gra_first',
    userId: of.id,
    clientId,
    organizationId: ORGANIZATION,
    scopes: [],
    authTime: time.now,
    amr: ['pwd'],
    createdAt: time.now,
  };
  const id = hashTokenString('token');
  const accessToken = {
    id,
    format: 'opaque',
    grantId: grant.id,
    clientId,
    userId: of.id,
    scopes: [],
    issuedAt: time.now,
    expiresAt: time.now + 3_600_000,
    lifetimeReason: 'standard',
  } as const;
  await store.grants.begin({ grant, accessToken, audit: event('consent.granted') });
  return Buffer.from(id).toString('base64url');
}

async function snapshot(ids: Readonly<Record<string, string>>, store: Store, now: number): Promise<unknown> {
  const { clients = '', resources = '', grants = '', tokens = '', users = '' } = ids;
  const page = { limit: 200 };
  const filter = { organizationIds: [ORGANIZATION] };
  const [client, resource]: [Client | undefined, Resource | undefined] = await Promise.all([
    store.clients.find(clients),
    store.resources.find(resources),
  ]);
  return {
    client,
    agent: await store.clients.find('app_agent'),
    resource,
    organization: await store.organizations.find(ORGANIZATION),
    members: await store.memberships.list(ORGANIZATION, page),
    invitations: await store.invitations.list(ORGANIZATION, now, page),
    grant: await store.grants.find(grants),
    token: await store.accessTokens.find(Buffer.from(tokens, 'base64url')),
    user: await store.users.find(users),
    personalToken: await store.personalAccessTokens.find('pat_first'),
    clientTokens: await store.clientTokens.ofClient(clients, now),
    policies: await store.policies.list({ ...filter, withServerWide: true }, page),
    owned: [await store.clients.list(filter, page), await store.resources.list(filter, page)],
  };
}
