import { parseTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture, MEMBER } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

async function app(more: object = {}): Promise<string> {
  const body = { client_name: 'Player', grant_types: ['client_credentials'], ...more };
  const made = await fixture.call('POST', '/admin/v1/clients', body);
  return `/admin/v1/clients/${made.body.client_id}/client-token`;
}

describe('refuses', () => {
  it.each(['GET', 'POST', 'DELETE'] as const)('%s for a client that does not exist', async (method) => {
    const body = method === 'POST' ? {} : undefined;
    expect((await fixture.call(method, '/admin/v1/clients/nobody/client-token', body)).status).toBe(404);
  });
  it('whoever may not see the client', async () => {
    const token = fixture.tokenFor(MEMBER.id, ['admin']);
    const headers = { authorization: `Bearer ${token}` };
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const url = await app();
      const payload = method === 'POST' ? { payload: {} } : {};
      expect((await fixture.app.inject({ method, url, headers, ...payload })).statusCode).toBe(404);
    }
  });
  it('a built-in client', async () => {
    const url = '/admin/v1/clients/tessera-cli/client-token';
    expect((await fixture.call('POST', url, {})).body).toMatchObject({ status: 409 });
  });
  it('a client under a security profile', async () => {
    const profiled = await app({
      security_profile: 'fapi2',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=service,O=Example',
      tls_client_certificate_bound_access_tokens: true,
    });
    expect((await fixture.call('POST', profiled, {})).body).toMatchObject({
      status: 400,
      detail: expect.stringContaining('security profile'),
    });
  });
  it.each([{ overlap: -1 }, { overlap: 2_592_001 }, { overlap: '60' }, { client_token: 'mine' }])(
    'the body %j',
    async (body) => expect((await fixture.call('POST', await app(), body)).status).toBe(400),
  );
  it('to show or remove what was never made', async () => {
    const url = await app();
    expect((await fixture.call('GET', url)).status).toBe(404);
    expect((await fixture.call('DELETE', url)).status).toBe(404);
  });
});

it('makes one, shows it again, and takes it away', async () => {
  const url = await app();
  const made = await fixture.call('POST', url, {});
  expect(made.status).toBe(201);
  expect(parseTokenString(made.body.client_token)).toEqual({ kind: 'ct' });
  expect(made.body).toMatchObject({ hint: made.body.client_token.slice(-4) });
  expect((await fixture.call('GET', url)).body).toEqual(made.body);
  expect((await fixture.call('DELETE', url)).status).toBe(204);
  expect((await fixture.call('GET', url)).status).toBe(404);
  const events = await fixture.events(2);
  expect(events.map((event) => event.type)).toEqual(['client_token.created', 'client_token.removed']);
  expect(JSON.stringify(events)).not.toContain('tsr_ct_');
});

it('resets: the one before ends now, or when the overlap is over', async () => {
  const url = await app();
  const first = await fixture.call('POST', url, {});
  const second = await fixture.call('POST', url, {});
  expect(second.body).not.toHaveProperty('previous');
  const third = await fixture.call('POST', url, { overlap: 3600 });
  expect(third.body.previous).toEqual({
    hint: second.body.hint,
    ends_at: fixture.time.now / 1000 + 3600,
  });
  expect(new Set([first, second, third].map(({ body }) => body.client_token)).size).toBe(3);
  expect((await fixture.events(1))[0]).toMatchObject({
    type: 'client_token.reset',
    detail: { overlap: 3600 },
  });
});

it('opens only scopes that the API has', async () => {
  const api = {
    identifier: 'https://ct.example/',
    name: 'CT',
    scopes: [{ name: 'read', description: 'Read' }],
  };
  const refused = await fixture.call('POST', '/admin/v1/resources', {
    ...api,
    client_token_scopes: ['write'],
  });
  expect(refused.body.errors).toMatchObject([{ pointer: '/client_token_scopes/0' }]);
  const made = await fixture.call('POST', '/admin/v1/resources', { ...api, client_token_scopes: ['read'] });
  expect(made.body.client_token_scopes).toEqual(['read']);
  const url = `/admin/v1/resources/${made.body.id}`;
  expect((await fixture.call('PATCH', url, { scopes: [] })).status).toBe(400);
  const closed = await fixture.call('PATCH', url, { client_token_scopes: [] });
  expect(closed.body.client_token_scopes).toEqual([]);
});
