import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { generateKeyPairSync } from 'node:crypto';
import { hashTokenString, parseTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

const WEB = { client_name: 'Billing', redirect_uris: ['https://app.example/callback'] };
const create = (body: object) => fixture.call('POST', '/admin/v1/clients', body);

describe('what may not be registered', () => {
  it.each([
    [
      'an unknown grant type',
      { ...WEB, grant_types: ['password'] },
      'invalid_client_metadata',
      '/grant_types/0',
    ],
    ['the admin scope', { ...WEB, scope: 'read admin' }, 'invalid_client_metadata', '/scope'],
    ['the account scope', { ...WEB, scope: 'account' }, 'invalid_client_metadata', '/scope'],
    [
      'http elsewhere',
      { ...WEB, redirect_uris: ['http://app.example/'] },
      'invalid_redirect_uri',
      '/redirect_uris/0',
    ],
    ['a client id of a user', { ...WEB, client_id: 'usr_x' }, 'invalid_client_metadata', '/client_id'],
    ['an actor of the audit log', { ...WEB, client_id: 'system' }, 'invalid_client_metadata', '/client_id'],
    ['what looks like a token', { ...WEB, client_id: 'tsr_at_x' }, 'invalid_client_metadata', '/client_id'],
    ['a client id with a space', { ...WEB, client_id: 'a b c' }, 'invalid_request', '/client_id'],
    ['first_party', { ...WEB, first_party: true }, 'invalid_request', '/first_party'],
    ['a secret of its own', { ...WEB, client_secret: 'x' }, 'invalid_request', '/client_secret'],
    [
      'an organization that is not there',
      { ...WEB, organization_id: 'org_x' },
      'invalid_request',
      '/organization_id',
    ],
    ['a name that is no string', { ...WEB, client_name: 7 }, 'invalid_request', '/client_name'],
  ])('%s', async (_name, body, problem, pointer) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(answer.body.type).toContain(`#${problem}`);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('says so in the words of RFC 7591 §3.2.2', async () => {
    const { body } = await create({ ...WEB, grant_types: ['password'] });
    expect(body.detail).toMatch(/^invalid_client_metadata: \/grant_types\/0 unknown grant type/);
  });

  it('a client id that is taken', async () => {
    const answer = await create({ ...WEB, client_id: 'tessera-cli' });
    expect(answer.status).toBe(409);
    expect(answer.body.errors).toEqual([{ pointer: '/client_id', detail: 'is taken' }]);
  });

  it.each([
    ['PATCH', '/admin/v1/clients/tessera-cli', { client_name: 'Mine' }],
    ['DELETE', '/admin/v1/clients/tessera-cli', undefined],
    ['POST', '/admin/v1/clients/tessera-cli/secrets', {}],
  ] as const)('%s %s: what is built in stays as it is', async (method, url, body) => {
    const answer = await fixture.call(method, url, body);
    expect(answer.status).toBe(409);
    expect(answer.body.type).toContain('#built_in');
  });
});

describe('registration (RFC 7591 §3.2.1)', () => {
  it('answers with the secret once, and keeps its hash only', async () => {
    const { status, body } = await create({ ...WEB, client_id: 'billing' });
    expect(status).toBe(201);
    expect(body).toEqual({
      client_id: 'billing',
      client_id_issued_at: 1_800_000_000,
      client_name: 'Billing',
      application_type: 'web',
      redirect_uris: ['https://app.example/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      require_pkce: true,
      organization_id: 'org_default',
      status: 'active',
      registered_by: 'operator',
      built_in: false,
      updated_at: 1_800_000_000,
      client_secret: expect.any(String),
      client_secret_expires_at: 0,
    });
    expect(parseTokenString(body.client_secret)).toEqual({ kind: 'cs' });
    const kept = await fixture.store.clients.find('billing');
    expect(kept?.secrets[0]?.hash).toEqual(new Uint8Array(hashTokenString(body.client_secret)));
    const shown = await fixture.call('GET', '/admin/v1/clients/billing');
    expect(shown.body).not.toHaveProperty('client_secret');
    expect(JSON.stringify(await fixture.events(100))).not.toContain(body.client_secret);
  });

  it('gives a public client no secret, and makes up a client id', async () => {
    const { body } = await create({ ...WEB, token_endpoint_auth_method: 'none' });
    expect(body.client_id).toMatch(/^app_[\w-]{22}$/);
    expect(body).not.toHaveProperty('client_secret');
    const secret = await fixture.call('POST', `/admin/v1/clients/${body.client_id}/secrets`, {});
    expect(secret.status).toBe(400);
  });
});

describe('change', () => {
  it('replaces what is given, judges the whole, and null takes away', async () => {
    const { body } = await create({ ...WEB, scope: 'read', logo_uri: 'https://app.example/logo.png' });
    const url = `/admin/v1/clients/${body.client_id}`;
    const patched = await fixture.call('PATCH', url, {
      grant_types: ['authorization_code', 'refresh_token'],
      scope: null,
      logo_uri: null,
      status: 'disabled',
    });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ status: 'disabled', client_name: 'Billing' });
    expect(patched.body.grant_types).toEqual(['authorization_code', 'refresh_token']);
    expect(patched.body).not.toHaveProperty('scope');
    expect(patched.body).not.toHaveProperty('logo_uri');
    const refused = await fixture.call('PATCH', url, { redirect_uris: [] });
    expect(refused.body.errors).toMatchObject([{ pointer: '/redirect_uris' }]);
    const asFirstParty = await fixture.call('PATCH', url, { scope: 'admin' });
    expect(asFirstParty.status).toBe(400);
    expect((await fixture.store.clients.find(body.client_id))?.secrets).toHaveLength(1);
  });

  it('a client that becomes public loses its secrets', async () => {
    const { body } = await create(WEB);
    const url = `/admin/v1/clients/${body.client_id}`;
    await fixture.call('PATCH', url, { token_endpoint_auth_method: 'none' });
    expect((await fixture.store.clients.find(body.client_id))?.secrets).toEqual([]);
  });

  it('deletes', async () => {
    const { body } = await create(WEB);
    expect((await fixture.call('DELETE', `/admin/v1/clients/${body.client_id}`)).status).toBe(204);
    expect((await fixture.events(1))[0]).toMatchObject({ type: 'client.deleted', clientId: body.client_id });
  });
});

describe('methods without secrets', () => {
  const SERVICE = { client_name: 'Service', grant_types: ['client_credentials'] };
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] };

  it.each([
    ['private_key_jwt', { jwks }],
    ['self_signed_tls_client_auth', { jwks_uri: 'https://service.example/jwks' }],
    ['tls_client_auth', { tls_client_auth_subject_dn: 'CN=service,O=Example' }],
  ])('%s: there is none, and none can be added', async (method, metadata) => {
    const { status, body } = await create({ ...SERVICE, token_endpoint_auth_method: method, ...metadata });
    expect(status).toBe(201);
    expect(body).toMatchObject({ token_endpoint_auth_method: method, ...metadata });
    expect(body).not.toHaveProperty('client_secret');
    const secret = await fixture.call('POST', `/admin/v1/clients/${body.client_id}/secrets`, {});
    expect(secret.body).toMatchObject({ status: 400, title: 'The client metadata are not valid' });
  });

  it('a client that changes to its keys loses its secrets', async () => {
    const { body } = await create(SERVICE);
    const change = { token_endpoint_auth_method: 'private_key_jwt' };
    const url = `/admin/v1/clients/${body.client_id}`;
    expect((await fixture.call('PATCH', url, change)).body.errors).toMatchObject([{ pointer: '/jwks' }]);
    expect((await fixture.call('PATCH', url, { ...change, jwks })).status).toBe(200);
    expect((await fixture.store.clients.find(body.client_id))?.secrets).toEqual([]);
  });
});

describe('secrets', () => {
  it('show when they were last used', async () => {
    const { body } = await create(WEB);
    const url = `/admin/v1/clients/${body.client_id}/secrets`;
    const { items } = (await fixture.call('GET', url)).body;
    expect(items).toHaveLength(1);
    expect(items[0]).not.toHaveProperty('last_used_at');
    const at = 1_800_000_123_000;
    const use = { clientId: body.client_id, secretId: items[0].id, at, from: '10.0.0.7' };
    await fixture.store.clientSecretUses.record([use]);
    const used = { last_used_at: at / 1000, last_used_from: '10.0.0.7' };
    expect((await fixture.call('GET', url)).body.items[0]).toMatchObject(used);
  });

  it('a second one comes before the first goes', async () => {
    const { body } = await create({ client_name: 'Job', grant_types: ['client_credentials'] });
    const url = `/admin/v1/clients/${body.client_id}/secrets`;
    const second = await fixture.call('POST', url, { expires_at: 1_900_000_000 });
    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({
      hint: second.body.client_secret.slice(-4),
      expires_at: 1_900_000_000,
      client_secret_expires_at: 1_900_000_000,
    });
    const listed = await fixture.call('GET', url);
    expect(listed.body.items).toHaveLength(2);
    expect(JSON.stringify(listed.body)).not.toMatch(/tsr_cs_|hash/);
    const first = listed.body.items[0].id;
    expect((await fixture.call('DELETE', `${url}/${first}`)).status).toBe(204);
    expect((await fixture.call('DELETE', `${url}/${first}`)).status).toBe(404);
    expect((await fixture.call('GET', url)).body.items).toMatchObject([{ id: second.body.id }]);
  });

  it('none that has already ended, and not without end', async () => {
    const { body } = await create({ client_name: 'Job', grant_types: ['client_credentials'] });
    const url = `/admin/v1/clients/${body.client_id}/secrets`;
    expect((await fixture.call('POST', url, { expires_at: 1_800_000_000 })).status).toBe(400);
    const answers = await Promise.all(Array.from({ length: 12 }, () => fixture.call('POST', url, {})));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(9);
    expect((await fixture.store.clients.find(body.client_id))?.secrets).toHaveLength(10);
  });
});

it('an app whose sector does not answer holds up nobody else who changes something', async () => {
  const silent = createServer().listen(0, '127.0.0.2');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const [slow, other] = [(await create(WEB)).body, (await create(WEB)).body];
  const change = (client: { client_id: string }, body: object) =>
    fixture.call('PATCH', `/admin/v1/clients/${client.client_id}`, body);
  const asked = once(silent, 'connection');
  const waiting = change(slow, { sector_identifier_uri: `https://127.0.0.2:${port}/sector` });
  const [socket] = (await asked) as [Socket];
  const quick = await Promise.race([change(other, { client_name: 'Quick' }), setTimeout(1000, undefined)]);
  socket.destroy();
  expect(quick?.status).toBe(200);
  expect((await waiting).status).toBe(400);
  silent.close();
});
