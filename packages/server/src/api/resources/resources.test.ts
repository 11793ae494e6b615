import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture, ISSUER } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
  await fixture.call('POST', '/admin/v1/clients', {
    client_id: 'music-server',
    client_name: 'Music',
    grant_types: [],
  });
});
afterAll(() => fixture.close());

const MUSIC = { identifier: 'https://music.example/', name: 'Music' };
const create = (body: object) => fixture.call('POST', '/admin/v1/resources', body);
const READ = [{ name: 'read', description: 'Read' }];

describe('/admin/v1/resources', () => {
  it.each([
    ['no absolute URI', { ...MUSIC, identifier: 'music' }, '/identifier'],
    ['a fragment (RFC 8707 §2)', { ...MUSIC, identifier: 'https://music.example/#a' }, '/identifier'],
    ['user information', { ...MUSIC, identifier: 'https://a:b@music.example/' }, '/identifier'],
    ['the issuer', { ...MUSIC, identifier: ISSUER }, '/identifier'],
    ['an unknown format', { ...MUSIC, token_format: 'saml' }, '/token_format'],
    ['CWTs with RS256', { ...MUSIC, token_format: 'cwt', signing_alg: 'RS256' }, '/signing_alg'],
    ['an unknown algorithm', { ...MUSIC, signing_alg: 'HS512' }, '/signing_alg'],
    ['JWTs with a secret', { ...MUSIC, signing_alg: 'HS256' }, '/signing_alg'],
    ['CATs with RS256', { ...MUSIC, token_format: 'cat', signing_alg: 'RS256' }, '/signing_alg'],
    ['no lifetime', { ...MUSIC, access_token_lifetime: 0 }, '/access_token_lifetime'],
    ['a lifetime past the keys', { ...MUSIC, access_token_lifetime: 86_401 }, '/access_token_lifetime'],
    ['a lifetime in text', { ...MUSIC, access_token_lifetime: '60' }, '/access_token_lifetime'],
    ['min above max', { ...MUSIC, access_token_lifetime: { min: 9, max: 8 } }, '/access_token_lifetime'],
    ['an OpenID scope', { ...MUSIC, scopes: [{ name: 'openid', description: '' }] }, '/scopes/0/name'],
    ['a scope of ours', { ...MUSIC, scopes: [{ name: 'admin', description: '' }] }, '/scopes/0/name'],
    ['a scope with a space', { ...MUSIC, scopes: [{ name: 'a b', description: '' }] }, '/scopes/0/name'],
    ['a scope twice', { ...MUSIC, scopes: [...READ, ...READ] }, '/scopes/1/name'],
    [
      'a default that is no scope',
      { ...MUSIC, scopes: READ, default_scopes: ['write'] },
      '/default_scopes/0',
    ],
    ['a server that is not there', { ...MUSIC, resource_servers: ['nobody'] }, '/resource_servers/0'],
    [
      'an exchanging client that is not there',
      { ...MUSIC, token_exchange_clients: ['nobody'] },
      '/token_exchange_clients/0',
    ],
    ['a public server', { ...MUSIC, resource_servers: ['tessera-cli'] }, '/resource_servers/0'],
    ['built_in', { ...MUSIC, built_in: true }, '/built_in'],
  ])('refuses %s', async (_name, body, pointer) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  });

  it('registers, with what people expect unless told', async () => {
    const { status, body } = await create(MUSIC);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...MUSIC,
      allow_url_clients: false,
      client_token_scopes: [],
      id: expect.stringMatching(/^res_/),
      scopes: [],
      default_scopes: [],
      token_format: 'jwt',
      signing_alg: 'ES256',
      default: false,
      resource_servers: [],
      token_exchange_clients: [],
      organization_id: 'org_default',
      built_in: false,
      created_at: 1_800_000_000,
      updated_at: 1_800_000_000,
    });
    expect((await create(MUSIC)).body.errors).toEqual([{ pointer: '/identifier', detail: 'is taken' }]);
  });

  it('leaves the lifetime to organization and server again when it is taken away', async () => {
    const { body } = await create({
      identifier: 'urn:example:inheriting',
      name: 'I',
      access_token_lifetime: 60,
    });
    expect(body.access_token_lifetime).toBe(60);
    const url = `/admin/v1/resources/${body.id}`;
    await fixture.call('PATCH', url, { access_token_lifetime: null });
    expect((await fixture.call('GET', url)).body).not.toHaveProperty('access_token_lifetime');
  });

  it('changes all but the identifier', async () => {
    const { body } = await create({ identifier: 'urn:example:short', name: 'Short' });
    const url = `/admin/v1/resources/${body.id}`;
    const moved = await fixture.call('PATCH', url, { identifier: 'urn:example:other' });
    expect(moved.body.errors).toMatchObject([{ pointer: '/identifier' }]);
    const patched = await fixture.call('PATCH', url, {
      scopes: READ,
      default_scopes: ['read'],
      token_format: 'opaque',
      access_token_lifetime: { min: 60, max: 90 },
      default: true,
      resource_servers: ['music-server', 'music-server'],
      token_exchange_clients: ['music-server'],
    });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({
      default: true,
      access_token_lifetime: { min: 60, max: 90 },
      resource_servers: ['music-server'],
      token_exchange_clients: ['music-server'],
    });
    // A scope that is still a default cannot go alone.
    expect((await fixture.call('PATCH', url, { scopes: [] })).status).toBe(400);
    expect((await fixture.call('DELETE', url)).status).toBe(204);
    expect((await fixture.call('DELETE', url)).status).toBe(404);
  });

  it("keeps Tessera's own API as it is", async () => {
    for (const answer of [
      await fixture.call('PATCH', '/admin/v1/resources/res_tessera', { name: 'Mine' }),
      await fixture.call('DELETE', '/admin/v1/resources/res_tessera'),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.body.type).toContain('#built_in');
    }
    const shown = await fixture.call('GET', '/admin/v1/resources/res_tessera');
    expect(shown.body).toMatchObject({ built_in: true, identifier: 'urn:tessera:api' });
  });
});
