import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JWT_BEARER_GRANT } from '../../domain/client.ts';
import { type ApiFixture, createApiFixture, ISSUER } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
const DEPLOY = 'https://deploy.example/';

beforeAll(async () => {
  fixture = await createApiFixture();
  await fixture.call('POST', '/admin/v1/clients', {
    client_id: 'deployer',
    client_name: 'Deployer',
    grant_types: [JWT_BEARER_GRANT],
    token_endpoint_auth_method: 'none',
  });
  await fixture.call('POST', '/admin/v1/clients', {
    client_id: 'web',
    client_name: 'Web',
    redirect_uris: ['https://web.example/cb'],
  });
  await fixture.call('POST', '/admin/v1/resources', { identifier: DEPLOY, name: 'Deploy' });
});
afterAll(() => fixture.close());

const RULE = {
  claims: { sub: 'repo:acme/*' },
  client_id: 'deployer',
  scopes: ['deploy'],
  resources: [DEPLOY],
};
const JWKS_URI = 'https://ci.example/keys';
const CI = { issuer: 'https://ci.example', kind: 'workload', name: 'CI', jwks_uri: JWKS_URI, rules: [RULE] };
const key = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const create = (body: object) => fixture.call('POST', '/admin/v1/trusted-issuers', body);

describe('/admin/v1/trusted-issuers', () => {
  it.each([
    ['no URL', { ...CI, issuer: 'ci' }, '/issuer'],
    ['another scheme', { ...CI, issuer: 'ftp://ci.example' }, '/issuer'],
    ['a query', { ...CI, issuer: 'https://ci.example?a' }, '/issuer'],
    ['this server', { ...CI, issuer: ISSUER }, '/issuer'],
    ['an unknown kind', { ...CI, kind: 'friend' }, '/kind'],
    ['no keys', { ...CI, jwks_uri: undefined }, '/jwks_uri'],
    ['keys twice', { ...CI, jwks: { keys: [] } }, '/jwks_uri'],
    ['keys over http', { ...CI, jwks_uri: 'http://ci.example/keys' }, '/jwks_uri'],
    [
      'a private key',
      { ...CI, jwks_uri: undefined, jwks: { keys: [{ ...key, kid: '1', d: 'x' }] } },
      '/jwks/keys/0',
    ],
    ['a key without a name', { ...CI, jwks_uri: undefined, jwks: { keys: [key] } }, '/jwks/keys/0'],
    ['a rule that fits everybody', { ...CI, rules: [{ ...RULE, claims: {} }] }, '/rules/0/claims'],
    ['a rule of stars', { ...CI, rules: [{ ...RULE, claims: { sub: '**' } }] }, '/rules/0/claims'],
    [
      'a client that is not there',
      { ...CI, rules: [{ ...RULE, client_id: 'nobody' }] },
      '/rules/0/client_id',
    ],
    ['a client without the grant', { ...CI, rules: [{ ...RULE, client_id: 'web' }] }, '/rules/0/client_id'],
    [
      'an API that is not there',
      { ...CI, rules: [{ ...RULE, resources: ['urn:x'] }] },
      '/rules/0/resources/0',
    ],
    [
      "Tessera's own API",
      { ...CI, rules: [{ ...RULE, resources: ['urn:tessera:api'] }] },
      '/rules/0/resources/0',
    ],
    ['no audience', { ...CI, audiences: [] }, '/audiences'],
    ['addresses of a workload', { ...CI, email_domains: ['a.example'] }, '/email_domains'],
    ['an audience of people', { ...CI, kind: 'identity_provider', audiences: ['x'] }, '/audiences'],
    ['a life of a day', { ...CI, max_lifetime: 86_400 }, '/max_lifetime'],
  ])('refuses %s', async (_what, body, pointer) => {
    const { status, body: problem } = await create(body);
    expect([status, problem.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('creates, shows, changes and deletes, and notes who did it', async () => {
    const created = await create(CI);
    expect(created.status).toBe(201);
    const url = `/admin/v1/trusted-issuers/${created.body.id}`;
    expect(created.headers['location']).toBe(url);
    expect(created.body).toEqual({
      ...CI,
      id: expect.stringMatching(/^tri_/),
      status: 'active',
      max_lifetime: 600,
      organization_id: 'org_default',
      created_at: 1_800_000_000,
      updated_at: 1_800_000_000,
    });
    expect((await create(CI)).body.errors).toEqual([{ pointer: '/issuer', detail: 'is taken' }]);
    expect((await fixture.call('GET', url)).body).toEqual(created.body);
    const listed = await fixture.call('GET', '/admin/v1/trusted-issuers');
    expect(listed.body.items).toEqual([created.body]);
    const keys = { keys: [{ ...key, kid: '1' }] };
    const changed = await fixture.call('PATCH', url, {
      jwks: keys,
      jwks_uri: null,
      status: 'disabled',
      audiences: ['https://id.example'],
      max_lifetime: 60,
    });
    expect(changed.body).toMatchObject({ jwks: keys, status: 'disabled', max_lifetime: 60 });
    expect(changed.body).not.toHaveProperty('jwks_uri');
    expect((await fixture.call('PATCH', url, { jwks: null })).status).toBe(400);
    expect((await fixture.call('PATCH', url, { issuer: 'https://other.example' })).status).toBe(400);
    expect((await fixture.call('DELETE', url)).status).toBe(204);
    expect((await fixture.call('DELETE', url)).status).toBe(404);
    const events = await fixture.events(3);
    expect(events.map(({ type }) => type)).toEqual([
      'trusted_issuer.created',
      'trusted_issuer.updated',
      'trusted_issuer.deleted',
    ]);
  });
});
