import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type ApiFixture, createApiFixture, event, MEMBER } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

describe('/admin/v1/users', () => {
  it('the last active administrator cannot be demoted, disabled or deleted', async () => {
    const url = `/admin/v1/users/${ADMIN.id}`;
    for (const answer of [
      await fixture.call('PATCH', url, { role: 'member' }),
      await fixture.call('PATCH', url, { status: 'disabled' }),
      await fixture.call('DELETE', url),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.body.type).toContain('#last_admin');
    }
    expect(await fixture.store.users.find(ADMIN.id)).toEqual(ADMIN);
  });

  it('of two administrators who demote each other at the same moment one stays', async () => {
    await fixture.call('PATCH', `/admin/v1/users/${MEMBER.id}`, { role: 'admin' });
    const answers = await Promise.all(
      [ADMIN.id, MEMBER.id].map((id) =>
        fixture.call('PATCH', `/admin/v1/users/${id}`, { status: 'disabled' }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 409]));
    for (const user of [ADMIN, MEMBER]) await fixture.store.users.update(user, event('user.updated'));
  });

  it('a taken email address is 409 and names it', async () => {
    const create = { email: 'BOB@example.test ', display_name: 'Bob again' };
    const made = await fixture.call('POST', '/admin/v1/users', create);
    expect(made.status).toBe(409);
    expect(made.body.errors).toEqual([{ pointer: '/email', detail: 'is taken' }]);
    const moved = await fixture.call('PATCH', `/admin/v1/users/${ADMIN.id}`, { email: MEMBER.email });
    expect(moved.status).toBe(409);
  });

  it('creates, shows, changes and deletes a person, and never shows a hash', async () => {
    const created = await fixture.call('POST', '/admin/v1/users', {
      email: ' Eve@Example.test',
      display_name: 'Eve',
      password: 'correct horse',
      email_verified: true,
    });
    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/admin/v1/users/${created.body.id}`);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^usr_[\w-]{22}$/),
      email: 'eve@example.test',
      claims: {},
      email_verified: true,
      display_name: 'Eve',
      role: 'member',
      status: 'active',
      organization_id: expect.stringMatching(/^org_/),
      has_password: true,
      created_at: 1_800_000_000,
      updated_at: 1_800_000_000,
    });
    const { id } = created.body;
    expect((await fixture.store.users.find(id))?.passwordHash).toBe('$argon2id$of-13');
    const patched = await fixture.call('PATCH', `/admin/v1/users/${id}`, {
      role: 'admin',
      display_name: 'Eve B',
    });
    expect(patched.body).toMatchObject({ role: 'admin', display_name: 'Eve B', email: 'eve@example.test' });
    expect((await fixture.call('GET', `/admin/v1/users/${id}`)).body).toEqual(patched.body);
    const moved = await fixture.call('PATCH', `/admin/v1/users/${id}`, { email: 'eva@example.test' });
    expect(moved.body).toMatchObject({ email: 'eva@example.test', email_verified: false });
    expect((await fixture.call('DELETE', `/admin/v1/users/${id}`)).status).toBe(204);
    expect((await fixture.call('GET', `/admin/v1/users/${id}`)).status).toBe(404);
    expect(await fixture.events(4)).toMatchObject([
      { type: 'user.created', actor: ADMIN.id, userId: id, requestId: expect.stringMatching(/^req_/) },
      { type: 'user.updated', detail: { changed: 'display_name role' } },
      { type: 'user.updated', detail: { changed: 'email' } },
      { type: 'user.deleted' },
    ]);
  });

  it('lists in pages', async () => {
    const first = await fixture.call('GET', '/admin/v1/users?limit=1');
    const second = await fixture.call('GET', `/admin/v1/users?limit=1&cursor=${first.body.next_cursor}`);
    expect([first.body.items[0].id, second.body.items[0].id]).toEqual([MEMBER.id, ADMIN.id]);
    expect(second.body).not.toHaveProperty('next_cursor');
    expect(JSON.stringify([first, second])).not.toContain('argon2');
  });
});

function profile(token: string) {
  return fixture.app.inject({ url: '/account/v1/profile', headers: { authorization: `Bearer ${token}` } });
}

describe('/account/v1/profile', () => {
  it('wants the scope account', async () => {
    const answer = await profile(fixture.tokenFor(MEMBER.id, ['admin']));
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toContain('insufficient_scope');
  });

  it('shows a member who they are', async () => {
    const answer = await profile(fixture.tokenFor(MEMBER.id, ['account']));
    expect(answer.json()).toEqual({
      id: MEMBER.id,
      email: MEMBER.email,
      email_verified: true,
      display_name: MEMBER.displayName,
      has_password: true,
      claims: {},
      created_at: 1_700_000_000,
      role: 'member',
      organization_id: MEMBER.organizationId,
    });
  });
});
