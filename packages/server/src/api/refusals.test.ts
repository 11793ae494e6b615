import { randomBytes } from 'node:crypto';
import { createTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type ApiFixture, createApiFixture, event, MEMBER, person } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

const JSON_TYPE = { 'content-type': 'application/json' };

function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

function admin(): { authorization: string } {
  return bearer(fixture.tokenFor(ADMIN.id, ['admin']));
}

describe('who may call the admin API (RFC 6750 §3)', () => {
  it.each([
    [
      'no token',
      () => ({}),
      401,
      'missing_token',
      /^Bearer realm="Tessera", scope="admin", resource_metadata="[^"]+\/oauth-protected-resource\/admin\/v1"$/,
    ],
    ['no JWT', () => bearer('guess'), 401, 'invalid_token', /error="invalid_token"/],
    [
      'an unknown token',
      () => bearer(createTokenString('at', (size) => randomBytes(size))),
      401,
      'invalid_token',
      /error="invalid_token"/,
    ],
    [
      'another scheme',
      () => ({ authorization: 'Basic YTpi' }),
      401,
      'missing_token',
      /^Bearer realm="Tessera"/,
    ],
    ['two spaces', () => ({ authorization: 'Bearer  x' }), 400, 'invalid_request', /^$/],
    [
      'a token without the scope',
      () => bearer(fixture.tokenFor(ADMIN.id, ['account'])),
      403,
      'insufficient_scope',
      /error="insufficient_scope"/,
    ],
    ['a member with the scope', () => bearer(fixture.tokenFor(MEMBER.id, ['admin'])), 403, 'forbidden', /^$/],
    [
      "an app's own token",
      () => bearer(fixture.tokenFor('app_1', ['admin'], 'client')),
      403,
      'insufficient_scope',
      /error="insufficient_scope"/,
    ],
    [
      'the token of a person who is gone',
      () => bearer(fixture.tokenFor('usr_gone', ['admin'])),
      401,
      'invalid_token',
      /error="invalid_token"/,
    ],
  ])('%s', async (_name, headers, status, problem, challenge) => {
    const answer = await fixture.app.inject({ method: 'GET', url: '/admin/v1/users', headers: headers() });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['www-authenticate'] ?? '').toMatch(challenge);
    expect(answer.json()).toMatchObject({
      type: `http://localhost:4400/docs/reference/problems#${problem}`,
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  it('a person who has been disabled since', async () => {
    const token = fixture.tokenFor('usr_eve', ['admin']);
    await fixture.store.users.create(
      { ...person('usr_eve', 'eve@example.test', 'admin'), status: 'disabled' },
      event('user.created'),
    );
    const answer = await fixture.app.inject({ url: '/admin/v1/users', headers: bearer(token) });
    expect(answer.statusCode).toBe(401);
    await fixture.store.users.delete('usr_eve', event('user.deleted'));
  });

  it('asks for a token before it reads the body or tells whether a path exists', async () => {
    const big = 'x'.repeat(1_000_000);
    const post = await fixture.app.inject({
      method: 'POST',
      url: '/admin/v1/users',
      headers: JSON_TYPE,
      payload: big,
    });
    expect(post.statusCode).toBe(401);
  });

  it('access_token in the query is 400 (RFC 6750 §5.3), even beside a good header', async () => {
    const answer = await fixture.app.inject({ url: '/admin/v1/users?access_token=x', headers: admin() });
    expect(answer.statusCode).toBe(400);
  });
});

function create(payload: string, headers: Record<string, string> = JSON_TYPE) {
  return fixture.app.inject({
    method: 'POST',
    url: '/admin/v1/users',
    headers: { ...headers, ...admin() },
    payload,
  });
}

describe('requests that cannot be right', () => {
  const good = '"email":"new@example.test","display_name":"New"';

  it.each([
    ['a body that is no JSON', '{', 400, null],
    ['an empty body', '', 400, null],
    ['an array', '[]', 400, ''],
    ['null', 'null', 400, ''],
    ['a thousand brackets, which are not even parsed', '['.repeat(1000) + ']'.repeat(1000), 400, null],
    ['an unknown member', `{${good},"admin":true}`, 400, '/admin'],
    ['a member of every object', `{${good},"constructor":{}}`, 400, '/constructor'],
    ['a number for a string', '{"email":"new@example.test","display_name":5}', 400, '/display_name'],
    ['a string for a boolean', `{${good},"email_verified":"true"}`, 400, '/email_verified'],
    ['null for a string', '{"email":null,"display_name":"New"}', 400, '/email'],
    ['an unknown role', `{${good},"role":"owner"}`, 400, '/role'],
    ['no email address', '{"email":"new","display_name":"New"}', 400, '/email'],
    ['an empty name', '{"email":"new@example.test","display_name":"  "}', 400, '/display_name'],
    ['U+0000', `{${good},"password":"1234\\u00005678"}`, 400, '/password'],
    ['half a surrogate pair', '{"email":"new@example.test","display_name":"\\ud800"}', 400, '/display_name'],
    ['a short password', `{${good},"password":"1234567"}`, 400, '/password'],
  ])('%s', async (_name, payload, status, pointer) => {
    const answer = await create(payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const { errors } = answer.json<{ errors?: { pointer: string }[] }>();
    expect(errors?.map((error) => error.pointer) ?? [null]).toContain(pointer);
  });

  it('__proto__ in a body', async () => {
    const answer = await create(`{${good},"__proto__":{"role":"admin"}}`);
    expect(answer.statusCode).toBe(400);
    expect((await fixture.store.users.list({ limit: 10 })).items).toHaveLength(2);
  });

  it('a megabyte', async () => {
    const answer = await create(`{"display_name":"${'x'.repeat(1_000_000)}"}`);
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ type: expect.stringContaining('#body_too_large') });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense'])(
    'content type %s',
    async (type) => {
      const answer = await create(`{${good}}`, { 'content-type': type });
      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ status: 415 });
    },
  );

  it.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['limit=99999999999999999999', '/limit'],
    ['limit=ten', '/limit'],
    ['limit=-1', '/limit'],
    ['limit=1.5', '/limit'],
    ['limit=1&limit=2', '/limit'],
    ['limit=', '/limit'],
    ['cursor=%00', '/cursor'],
    ['cursor=%2e%2e%2f', '/cursor'],
    ['cursor=', '/cursor'],
    ['cursor=Z3Vlc3M', '/cursor'],
    ['cursor=Y2xpZW50czox', '/cursor'],
    ['offset=3', '/offset'],
  ])('a query ?%s', async (query, pointer) => {
    const answer = await fixture.app.inject({ url: `/admin/v1/users?${query}`, headers: admin() });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: unknown[] }>().errors).toMatchObject([{ pointer }]);
  });

  it.each([
    '/admin/v1/users/usr_nobody',
    '/admin/v1/users/%00',
    '/admin/v1/users/%F0%9F%92%A9',
    '/admin/v1/clients/none',
    '/admin/v1/clients/none/secrets',
    '/admin/v1/resources/none',
    '/admin/v1/nothing',
    `/admin/v1/users/${'x'.repeat(400)}`,
  ])('%s is 404', async (url) => {
    const answer = await fixture.app.inject({ url, headers: admin() });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ status: 404, title: 'There is no such thing' });
  });

  it('a method that a path does not take is 405 with Allow (RFC 9110 §15.5.6)', async () => {
    const answer = await fixture.app.inject({
      method: 'PUT',
      url: '/admin/v1/users/usr_ada',
      headers: admin(),
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, PATCH, DELETE');
  });
});
