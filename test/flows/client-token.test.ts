// The public token that an app may ship: what it opens, what it never opens, and how it ends.
import { createTokenString } from '@tessera/tokens';
import { createVerifier } from '@tessera/verifier';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import { startMusic, type TestMusic, TRACK } from '../music.ts';
import { introspect, postForm, requestToken, revoke, userinfo } from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let confidential: RegisteredClient;
  let admin: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential } = server.clients);
    admin = await adminToken(server);
    const { music: api } = server.resources;
    await callApi(server, admin, 'PATCH', `/admin/v1/resources/${api.id}`, {
      client_token_scopes: ['catalog-read'],
    });
    music = await startMusic(server);
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });
  beforeEach(() => server.clock.reset());

  const url = (client: RegisteredClient): string => `/admin/v1/clients/${client.id}/client-token`;
  const reset = async (client: RegisteredClient, body: object = {}): Promise<string> => {
    const answer = await callApi(server, admin, 'POST', url(client), body);
    expect(answer.status).toBe(201);
    return String(answer.body['client_token']);
  };

  describe('is refused', () => {
    it('where it was never made: one that only looks right is unknown', async () => {
      const forged = createTokenString('ct', randomBytes);
      expect((await music.call(`/v1/tracks/${TRACK}`, forged)).status).toBe(401);
      expect((await introspect(server, forged)).body).toEqual({ active: false });
    });
    it('for what belongs to a person', async () => {
      const token = await reset(confidential);
      for (const path of ['/v1/me', '/v1/me/playlists']) {
        expect((await music.call(path, token)).status).toBe(403);
      }
      expect((await userinfo(server, token)).status).toBe(401);
    });
    it('by the admin and account APIs', async () => {
      const token = await reset(confidential);
      for (const path of ['/admin/v1/clients', '/account/v1/profile']) {
        expect((await callApi(server, token, 'GET', path)).status).toBe(401);
      }
    });
    it('by an API that takes none, and nothing is said about it there', async () => {
      const token = await reset(confidential);
      expect((await introspect(server, token, server.clients.otherServer)).body).toEqual({ active: false });
      expect((await introspect(server, token, confidential)).body).toEqual({ active: false });
    });
    it('as a client secret, a refresh token, a subject token, an assertion', async () => {
      const token = await reset(confidential);
      const as = { ...confidential, secret: token };
      const grant = { grant_type: 'client_credentials' };
      expect((await requestToken(server, grant, as)).body['error']).toBe('invalid_client');
      const inBody = { ...grant, client_id: confidential.id, client_secret: token };
      expect((await requestToken(server, inBody)).body['error']).toBe('invalid_client');
      expect((await requestToken(server, grant, undefined, bearer(token))).body['error']).toBe(
        'invalid_client',
      );
      const refresh = { grant_type: 'refresh_token', refresh_token: token };
      expect((await requestToken(server, refresh, confidential)).body['error']).toBe('invalid_grant');
      const exchanging = await server.registerClient({
        id: `exchanging-${Date.now()}`,
        grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
      });
      const exchange = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: MUSIC,
      };
      expect((await requestToken(server, exchange, exchanging)).status).toBe(400);
    });
    it('when its app is disabled, and stays so', async () => {
      const app = await server.registerClient({ id: `disabled-${store}` });
      const token = await reset(app);
      expect((await music.call(`/v1/tracks/${TRACK}`, token)).status).toBe(200);
      const path = `/admin/v1/clients/${app.id}`;
      await callApi(server, admin, 'PATCH', path, { status: 'disabled' });
      expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'revoked' });
      await callApi(server, admin, 'DELETE', path);
      expect((await introspect(server, token)).body).toEqual({ active: false });
    });
  });

  it('names the app and opens what the API says, no more', async () => {
    const token = await reset(confidential);
    const track = await music.call(`/v1/tracks/${TRACK}`, token);
    expect(track.status).toBe(200);
    const { body } = await introspect(server, token);
    expect(body).toMatchObject({
      active: true,
      sub: confidential.id,
      client_id: confidential.id,
      aud: MUSIC,
      scope: 'catalog-read',
      token_type: 'Bearer',
      tessera_kind: 'client_token',
    });
    expect(Object.keys(body).filter((name) => /user|grant|auth_time/.test(name))).toEqual([]);
  });

  it('is an access token of kind client to the verifier, and wears its own mark', async () => {
    const token = await reset(confidential);
    const { musicServer } = server.clients;
    const verifier = createVerifier({
      issuer: server.issuer,
      audience: MUSIC,
      clock: server.clock.now,
      clientId: musicServer.id,
      clientSecret: musicServer.secret ?? '',
      issuerRevocation: 'off',
    });
    const verified = await verifier.verify(token);
    expect(verified).toMatchObject({
      kind: 'client',
      clientId: confidential.id,
      scopes: ['catalog-read'],
      claims: { tessera_kind: 'client_token' },
    });
    await expect(verifier.verify(token, { scopes: ['user-read-private'] })).rejects.toMatchObject({
      code: 'insufficient_scope',
    });
    verifier.close();
  });

  it('never opens more than the app may ask for', async () => {
    const app = await server.registerClient({ id: `narrow-${store}`, scopes: ['user-read-private'] });
    const { body } = await introspect(server, await reset(app));
    expect(body['active']).toBe(true);
    expect(body).not.toHaveProperty('scope');
  });

  it('opens at several APIs of one server only what it opens at each', async () => {
    const path = `/admin/v1/resources/${server.resources.short.id}`;
    const more = { client_token_scopes: ['catalog-read', 'user-library-read'] };
    await callApi(server, admin, 'PATCH', path, more);
    const { body } = await introspect(server, await reset(confidential));
    expect(body).toMatchObject({ scope: 'catalog-read' });
    expect(body['aud']).toHaveLength(2);
    await callApi(server, admin, 'PATCH', path, { client_token_scopes: [] });
  });

  it('is reset: the old one is dead at once', async () => {
    const old = await reset(confidential);
    const fresh = await reset(confidential);
    expect((await music.call(`/v1/tracks/${TRACK}`, old)).status).toBe(401);
    expect((await introspect(server, old)).body).toEqual({ active: false, tessera_reason: 'revoked' });
    expect((await music.call(`/v1/tracks/${TRACK}`, fresh)).status).toBe(200);
  });

  it('is reset with an overlap: the old one dies to the second', async () => {
    const old = await reset(confidential);
    await reset(confidential, { overlap: 60 });
    const { body } = await introspect(server, old);
    expect(body).toMatchObject({ active: true });
    server.clock.stopAt(Number(body['exp']) * SECOND - 1);
    expect((await introspect(server, old)).body['active']).toBe(true);
    server.clock.advance(1);
    expect((await introspect(server, old)).body['active']).toBe(false);
    expect((await music.call(`/v1/tracks/${TRACK}`, old)).status).toBe(401);
  });

  it('cannot be revoked by whoever holds it: anybody does', async () => {
    const token = await reset(confidential);
    expect((await revoke(server, token, confidential)).status).toBe(200);
    expect((await postForm(server, '/api/revoke', { token, client_id: confidential.id })).status).toBe(401);
    expect((await introspect(server, token)).body['active']).toBe(true);
  });

  it('can be shown again, and is in no log', async () => {
    const token = await reset(confidential);
    await introspect(server, token);
    const shown = await callApi(server, admin, 'GET', url(confidential));
    expect(shown.body['client_token']).toBe(token);
    expect(server.log.join('')).not.toContain(token);
  });
});

function bearer(token: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { authorization: `Bearer ${token}` } };
}
