import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationRole } from '../domain/membership.ts';
import { ADMIN, type ApiFixture, createApiFixture, event, MEMBER, person } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

const WEB = { client_name: 'Billing', redirect_uris: ['https://app.example/callback'] };
const API = { identifier: 'https://billing.example/', name: 'Billing' };

async function join(userId: string, role: OrganizationRole): Promise<void> {
  const { time, store } = fixture;
  const membership = {
    organizationId: 'org_default',
    userId,
    role,
    createdAt: time.now,
    updatedAt: time.now,
  };
  await store.memberships.add(membership, event('member.added'));
}

async function asBob(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) {
  const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['admin'])}` };
  const payload = body === undefined ? {} : { payload: body };
  const answer = await fixture.app.inject({ method, url: `/admin/v1${url}`, headers, ...payload });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
}

describe('a person without a role', () => {
  it.each(['/users', '/users/usr_ada', '/keys', '/trusted-issuers', '/initial-access-tokens'])(
    '%s is for operators',
    async (url) => {
      expect(await asBob('GET', url)).toMatchObject({ status: 403 });
    },
  );
  it('sees no more of what exists than of what does not', async () => {
    expect(await asBob('GET', '/clients/tessera-cli')).toEqual(await asBob('GET', '/clients/nothing'));
    expect(await asBob('DELETE', '/resources/res_tessera')).toEqual(await asBob('DELETE', '/resources/none'));
    expect((await asBob('GET', '/clients')).body).toEqual({ items: [] });
    expect((await asBob('GET', '/clients?organization_id=org_default')).body).toEqual({ items: [] });
    const body = { ...WEB, organization_id: 'org_default' };
    const refused = await asBob('POST', '/clients', body);
    expect(refused).toEqual(await asBob('POST', '/clients', { ...body, organization_id: 'org_none' }));
    expect(refused.status).toBe(400);
  });
  it('has apps of their own, and neither APIs nor an id of their choice', async () => {
    const { status, body } = await asBob('POST', '/clients', WEB);
    expect({ status, owner: body.organization_id, by: body.registered_by }).toEqual({
      status: 201,
      owner: MEMBER.organizationId,
      by: 'member',
    });
    expect((await asBob('POST', '/clients', { ...WEB, client_id: 'chosen' })).status).toBe(400);
    expect((await asBob('POST', '/resources', API)).status).toBe(403);
    expect((await asBob('GET', '/clients')).body.items).toHaveLength(1);
    expect((await asBob('DELETE', `/clients/${body.client_id}`)).status).toBe(204);
  });
});

describe('a role', () => {
  const here = { organization_id: 'org_default' };

  it('lets a member look, a developer change, and a demotion counts at once', async () => {
    await join(MEMBER.id, 'member');
    expect((await asBob('GET', '/clients/tessera-cli')).status).toBe(200);
    expect((await asBob('POST', '/clients', { ...WEB, ...here })).status).toBe(403);
    expect((await asBob('DELETE', '/clients/tessera-cli')).status).toBe(403);
    const before = await fixture.store.memberships.find('org_default', MEMBER.id);
    if (before === undefined) throw new Error('not a member');
    const developer = { ...before, role: 'developer', updatedAt: before.updatedAt + 1 } as const;
    await fixture.store.memberships.changeRole(developer, event('member.role_changed'), before);
    expect((await asBob('DELETE', '/clients/tessera-cli')).status).toBe(409);
    const api = await asBob('POST', '/resources', { ...API, ...here });
    expect(api.status).toBe(201);
    expect((await asBob('PATCH', `/resources/${api.body.id}`, { default: true })).status).toBe(403);
    expect((await asBob('PATCH', `/resources/${api.body.id}`, { name: 'Bills' })).status).toBe(200);
    await fixture.store.memberships.changeRole(
      { ...before, updatedAt: developer.updatedAt + 1 },
      event('member.role_changed'),
      developer,
    );
    expect((await asBob('PATCH', `/resources/${api.body.id}`, { name: 'Bills' })).status).toBe(403);
  });

  it('an API names only clients that whoever names them may see', async () => {
    await fixture.store.users.create(person('usr_eve', 'eve@example.test', 'member'), event('user.created'));
    await join('usr_eve', 'developer');
    const headers = { authorization: `Bearer ${fixture.tokenFor('usr_eve', ['admin'])}` };
    const hers = (
      await fixture.app.inject({ method: 'POST', url: '/admin/v1/clients', headers, payload: WEB })
    ).json();
    const payload = { ...API, identifier: 'https://eve.example/', ...here };
    const named = { ...payload, resource_servers: [hers.client_id] };
    const created = await fixture.app.inject({
      method: 'POST',
      url: '/admin/v1/resources',
      headers,
      payload: named,
    });
    expect(created.statusCode).toBe(201);
    // Whoever cannot see the client may keep it where it is, and name it nowhere else.
    const before = await fixture.store.memberships.find('org_default', MEMBER.id);
    if (before === undefined) throw new Error('not a member');
    const developer = { ...before, role: 'developer', updatedAt: before.updatedAt + 1 } as const;
    await fixture.store.memberships.changeRole(developer, event('member.role_changed'), before);
    expect((await asBob('PATCH', `/resources/${created.json().id}`, { name: 'Hers' })).status).toBe(200);
    const refused = { ...named, identifier: 'https://bob.example/' };
    expect((await asBob('POST', '/resources', refused)).status).toBe(400);
  });

  it('operators are asked for nothing', async () => {
    expect(await fixture.store.memberships.ofUser(ADMIN.id)).toEqual([]);
    expect((await fixture.call('GET', '/admin/v1/clients')).body.items.length).toBeGreaterThan(0);
  });
});
