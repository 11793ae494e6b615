// Token exchange (RFC 8693, TK-28): a service acts for a person, never as the person, and never with more.
import { isDeepStrictEqual } from 'node:util';
import { decodeJwt } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import type { GrantEndReason } from '../../packages/server/src/domain/grant.ts';
import { mutationsOf } from '../form-mutations.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import {
  type Answer,
  type Authorized,
  exchange,
  introspect,
  obtainTokens,
  type Parameters,
  requestToken,
  revoke,
  signInAndConsent,
  type Tokens,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const LIBRARY = 'https://library.example/';
const ARCHIVE = 'https://archive.example/';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const SCOPES = 'user-read-private playlist-read-private';
const scope = (name: string) => ({ name, description: name });

describe.each(STORES)('token exchange on %s', (store) => {
  let server: TestServer;
  /** Serves the music API and may call the library; serves the library and may call the archive. */
  let music: RegisteredClient;
  let library: RegisteredClient;
  let stranger: RegisteredClient;
  let app: RegisteredClient;
  let tokens: Tokens;

  beforeAll(async () => {
    server = await startTestServer({ store });
    const service = { redirectUris: [], grantTypes: ['client_credentials', TOKEN_EXCHANGE_GRANT] as const };
    music = await server.registerClient({ id: 'music-service', ...service });
    library = await server.registerClient({ id: 'library-service', ...service });
    stranger = await server.registerClient({ id: 'stranger', ...service });
    app = await server.registerClient({
      id: 'app',
      grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
    });
    await serve(MUSIC, ['music-server', 'music-service']);
    const scopes = [scope('user-read-private'), scope('playlist-read-private'), scope('shelves')];
    await server.registerResource({
      identifier: LIBRARY,
      scopes,
      defaultScopes: [],
      resourceServers: ['library-service'],
      tokenExchangeClients: ['music-service', 'app'],
    });
    await server.registerResource({
      identifier: ARCHIVE,
      scopes,
      defaultScopes: [],
      tokenFormat: 'opaque',
      resourceServers: ['library-service'],
      tokenExchangeClients: ['library-service'],
    });
    tokens = await tokensFor();
  });
  afterAll(() => server?.close());

  async function serve(identifier: string, resourceServers: readonly string[]): Promise<void> {
    const { resources } = server.tessera.store;
    const resource = await resources.findByIdentifier(identifier);
    if (resource === undefined) throw new Error('no such API');
    const event = { id: 'evt_s', at: 0, type: 'resource.updated', outcome: 'success', actor: 'x' } as const;
    await resources.update({ ...resource, resourceServers, updatedAt: resource.updatedAt + 1 }, event);
  }
  const tokensFor = (parameters: Parameters = {}): Promise<Tokens> =>
    obtainTokens(server, server.newBrowser(), {
      client: app,
      parameters: { resource: MUSIC, scope: SCOPES, ...parameters },
    });
  const trade = (client: RegisteredClient, parameters: Parameters = {}): Promise<Answer> =>
    requestToken(
      server,
      {
        grant_type: TOKEN_EXCHANGE_GRANT,
        subject_token: tokens.accessToken,
        subject_token_type: ACCESS_TOKEN,
        resource: LIBRARY,
        ...parameters,
      },
      client,
    );
  const claimsOf = (answer: Answer) => decodeJwt(tokensOf(answer).accessToken)?.payload ?? {};

  it('no change of any parameter makes a token worth more, or breaks the server', async () => {
    const good = {
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: tokens.accessToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: JWT,
      resource: LIBRARY,
      scope: 'user-read-private',
    };
    const before = decodeJwt(tokens.accessToken)?.payload ?? {};
    const outcomeOf = async (changed: Parameters): Promise<string> => {
      const answer = await requestToken(server, changed, music);
      if (answer.status >= 500) return 'the server broke';
      if (answer.status !== 200) return 'refused';
      const { aud, sub, exp, act, scope: scopes = '', client_id: clientId } = claimsOf(answer);
      if (aud !== LIBRARY) return `got to ${String(aud)}`;
      if (sub !== before['sub'] || clientId !== 'music-service') return 'got another person';
      if (!isDeepStrictEqual(act, { sub: 'music-service' })) return 'got rid of its name';
      const isMore = String(scopes)
        .split(' ')
        .some((name) => !SCOPES.split(' ').includes(name));
      return isMore || Number(exp) > Number(before['exp']) ? 'got more' : 'as before';
    };
    const outcomes = [`${await outcomeOf(good)}: unchanged`];
    for (const [name, changed] of mutationsOf(good)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure names its change
      outcomes.push(`${await outcomeOf(changed)}: ${name}`);
    }
    expect(outcomes[0]).toBe('as before: unchanged');
    expect(outcomes.filter((each) => !/^(refused|as before):/.test(each))).toEqual([]);
    for (const name of ['grant_type', 'subject_token', 'subject_token_type']) {
      const taken = outcomes.filter((each) => each.includes(`: ${name} `) && !each.startsWith('refused'));
      expect([name, taken]).toEqual([name, []]);
    }
  });

  it('a service calls the next API for the person: narrower, shorter, with itself as the actor', async () => {
    server.clock.advance(600_000);
    const answer = await trade(music, { scope: 'user-read-private' });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      scope: 'user-read-private',
    });
    expect(answer.body['expires_in']).toBeLessThanOrEqual(3000);
    expect(claimsOf(answer)).toMatchObject({
      aud: LIBRARY,
      sub: server.person.user.id,
      client_id: 'music-service',
      act: { sub: 'music-service' },
      exp: decodeJwt(tokens.accessToken)?.payload['exp'],
    });
    const said = await introspect(server, tokensOf(answer).accessToken, library);
    expect(said.body).toMatchObject({
      active: true,
      act: { sub: 'music-service' },
      scope: 'user-read-private',
    });
  });

  it('the next service goes on, and the chain says who came before', async () => {
    const second = tokensOf(await trade(music));
    const parameters = { subject_token: second.accessToken, resource: ARCHIVE };
    const third = tokensOf(await trade(library, parameters));
    const said = await introspect(server, third.accessToken, library);
    expect(said.body).toMatchObject({
      sub: server.person.user.id,
      client_id: 'library-service',
      act: { sub: 'library-service', act: { sub: 'music-service' } },
    });
  });

  it('without a scope: what both APIs know; and nothing of who the person is', async () => {
    const all = await tokensFor({ scope: `openid profile ${SCOPES} user-read-email` });
    const answer = await trade(music, { subject_token: all.accessToken });
    expect(answer.body['scope']).toBe(SCOPES);
  });

  it('a client narrows its own token, alone, and nobody acts', async () => {
    const answer = await trade(app, { resource: undefined, scope: 'user-read-private' });
    expect(claimsOf(answer)).toMatchObject({ aud: MUSIC, scope: 'user-read-private', client_id: 'app' });
    expect(claimsOf(answer)).not.toHaveProperty('act');
    expect(claimsOf(await trade(app))).toMatchObject({ aud: LIBRARY, act: { sub: 'app' } });
  });

  it('an actor token of its own says who acts; a JWT is a JWT', async () => {
    const own = tokensOf(
      await requestToken(server, { grant_type: 'client_credentials', resource: LIBRARY }, music),
    );
    const answer = await trade(music, {
      actor_token: own.accessToken,
      actor_token_type: JWT,
      subject_token_type: JWT,
      requested_token_type: JWT,
      audience: LIBRARY,
    });
    expect(answer.body['issued_token_type']).toBe(JWT);
    expect(claimsOf(answer)).toMatchObject({ act: { sub: 'music-service' } });
  });

  describe('TK-28: refuses', () => {
    it.each<[string, Parameters, string]>([
      ['no subject token', { subject_token: undefined }, 'invalid_request'],
      ['no type', { subject_token_type: undefined }, 'invalid_request'],
      ['an ID token', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
      ['SAML', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
      [
        'a refresh token to come',
        { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        'invalid_request',
      ],
      ['an actor type without a token', { actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      ['an actor token without a type', { actor_token: 'x' }, 'invalid_request'],
      ['a made-up actor', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      ['a made-up token', { subject_token: 'x' }, 'invalid_request'],
      ['two subject tokens', { subject_token: ['x', 'y'] }, 'invalid_request'],
      ['an upgrade', { scope: `${SCOPES} shelves` }, 'invalid_scope'],
      ['a scope of the first API only', { scope: 'user-read-email' }, 'invalid_scope'],
      ['an identity', { scope: 'openid' }, 'invalid_scope'],
      ['an API that does not name the client', { resource: ARCHIVE }, 'invalid_target'],
      ['an API that names nobody', { resource: OPAQUE }, 'invalid_target'],
      ['the same API, when the client only serves it', { resource: MUSIC }, 'invalid_target'],
      ['UserInfo', { resource: undefined, audience: 'ISSUER' }, 'invalid_target'],
      ["Tessera's own API", { resource: 'urn:tessera:api' }, 'invalid_target'],
      ['an unknown API', { resource: 'https://unknown.example/' }, 'invalid_target'],
      ['two APIs', { resource: LIBRARY, audience: ARCHIVE }, 'invalid_target'],
    ])('%s', async (_what, parameters, error) => {
      const audience = parameters['audience'] === 'ISSUER' ? { audience: server.issuer } : {};
      const answer = await trade(music, { ...parameters, ...audience });
      expect([answer.status, answer.body['error']]).toEqual([400, error]);
    });
    it('a public client, a client without the grant, a client without credentials', async () => {
      expect((await trade(server.clients.publicWeb)).body['error']).toBe('unauthorized_client');
      expect((await trade(server.clients.confidential)).body['error']).toBe('unauthorized_client');
      expect((await trade({ ...music, secret: undefined })).status).toBe(401);
    });
    it('a token that was for somebody else', async () => {
      expect((await trade(stranger)).body).toMatchObject({ error: 'invalid_request' });
      // The service may act for people, but not with tokens of APIs that it does not serve.
      const other = await tokensFor({ resource: OPAQUE });
      expect((await trade(music, { subject_token: other.accessToken })).body['error']).toBe(
        'invalid_request',
      );
    });
    it("somebody else's actor token", async () => {
      const foreign = tokensOf(
        await requestToken(server, { grant_type: 'client_credentials', resource: LIBRARY }, library),
      );
      const answer = await trade(music, {
        actor_token: foreign.accessToken,
        actor_token_type: ACCESS_TOKEN,
      });
      expect(answer.body['error']).toBe('invalid_request');
    });
    it('a JWT asked for where the API has none', async () => {
      const second = tokensOf(await trade(music));
      const parameters = { subject_token: second.accessToken, resource: ARCHIVE, requested_token_type: JWT };
      expect((await trade(library, parameters)).body['error']).toBe('invalid_request');
    });
    it.each(['refresh token', 'ID token', 'authorization code'])('TK-30: a %s as subject', async (kind) => {
      const authorized = await authorize();
      const { refreshToken, idToken } = tokensOf(await exchange(server, authorized, app));
      const values = {
        'refresh token': refreshToken,
        'ID token': idToken,
        'authorization code': authorized.code,
      };
      const subject = values[kind as keyof typeof values];
      expect(subject).not.toBe('');
      for (const type of [ACCESS_TOKEN, JWT]) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        const answer = await trade(app, { subject_token: subject, subject_token_type: type });
        expect(answer.body['error']).toBe('invalid_request');
      }
    });
    const authorize = (): Promise<Authorized> =>
      signInAndConsent(server, server.newBrowser(), {
        client: app,
        parameters: { resource: MUSIC, scope: `openid ${SCOPES}` },
      });
    it('an expired token, a revoked one, one of a disabled person', async () => {
      const short = await tokensFor();
      await revoke(server, short.accessToken, app);
      expect((await trade(music, { subject_token: short.accessToken })).body['error']).toBe(
        'invalid_request',
      );
      const long = await tokensFor();
      server.clock.advance(3_600_000);
      expect((await trade(music, { subject_token: long.accessToken })).body['error']).toBe('invalid_request');
      tokens = await tokensFor();
    });
    it('a chain longer than four', async () => {
      const { accessTokens } = server.tessera.store;
      const { createTokenString, hashTokenString } = await import('@tessera/tokens');
      const chain = (depth: number): { sub: string; act?: object } =>
        depth === 1 ? { sub: 'first' } : { sub: `actor ${depth}`, act: chain(depth - 1) };
      const issued = await accessTokens.list({ clientId: 'app' }, { limit: 1 });
      const row = issued.items[0]?.row;
      if (row === undefined) throw new Error('no token');
      const statuses: number[] = [];
      for (const depth of [3, 4, 100]) {
        const token = createTokenString('at', server.tessera.random);
        const actor = chain(depth) as { sub: string };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await accessTokens.issue({ ...row, id: hashTokenString(token), format: 'opaque', actor });
        // oxlint-disable-next-line no-await-in-loop -- as above
        statuses.push((await trade(music, { subject_token: token })).status);
      }
      expect(statuses).toEqual([200, 400, 400]);
    });
    it('RFC 8693 §4.4: a token that names somebody else who may act', async () => {
      const { keyRing, store: database } = server.tessera;
      const claims = decodeJwt(tokens.accessToken)?.payload ?? {};
      const tokenWith = (mayAct: unknown) => keyRing.sign('ES256', 'at+jwt', { ...claims, may_act: mayAct });
      for (const [mayAct, status] of [
        [{ sub: 'music-service' }, 200],
        [{ sub: 'music-service', iss: server.issuer }, 200],
        [{ sub: 'somebody' }, 400],
        [{ sub: 'music-service', iss: 'https://other.example' }, 400],
        [{}, 400],
        [null, 400],
        ['music-service', 400],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await trade(music, { subject_token: tokenWith(mayAct) });
        expect([mayAct, answer.status]).toEqual([mayAct, status]);
      }
      expect(database).toBeDefined();
    });
    it('a token bound to a key that the service cannot prove', async () => {
      const { accessTokens } = server.tessera.store;
      const { createTokenString, hashTokenString } = await import('@tessera/tokens');
      const issued = await accessTokens.list({ clientId: 'app' }, { limit: 1 });
      const row = issued.items[0]?.row;
      if (row === undefined) throw new Error('no token');
      const token = createTokenString('at', server.tessera.random);
      await accessTokens.issue({
        ...row,
        id: hashTokenString(token),
        format: 'opaque',
        confirmation: { jkt: 'x'.repeat(43) },
      });
      expect((await trade(music, { subject_token: token })).body['error']).toBe('invalid_request');
    });
  });

  describe('what ends the exchanged token', () => {
    const isActive = async (answer: Answer): Promise<unknown> =>
      (await introspect(server, tokensOf(answer).accessToken, library)).body['active'];
    const event = { id: 'evt_t', at: 0, type: 'grant.ended', outcome: 'success', actor: 'system' } as const;

    it('the end of the grant', async () => {
      const own = await tokensFor();
      const answer = await trade(music, { subject_token: own.accessToken });
      expect(await isActive(answer)).toBe(true);
      const { items } = await server.tessera.store.grants.list({ clientId: 'app' }, { limit: 1 });
      const reason: GrantEndReason = 'revoked_by_admin';
      await server.tessera.store.grants.end(items[0]?.id ?? '', reason, server.clock.now(), event);
      expect(await isActive(answer)).toBe(false);
    });
    it('the app that the person let in being disabled, for good', async () => {
      const answer = await trade(music);
      const { clients, accessTokens } = server.tessera.store;
      const client = await clients.find('app');
      if (client === undefined) throw new Error('no app');
      const audit = { ...event, type: 'client.updated' } as const;
      await clients.update({ ...client, status: 'disabled', updatedAt: client.updatedAt + 1 }, audit);
      expect(await isActive(answer)).toBe(false);
      const at = server.clock.now();
      const live = await accessTokens.list({ clientId: 'music-service', liveAt: at }, { limit: 50 });
      expect(live.items.filter(({ row }) => row.grantId !== undefined)).toEqual([]);
      await clients.update({ ...client, updatedAt: client.updatedAt + 2 }, audit);
      expect(await isActive(answer)).toBe(false);
    });
    it('a client that is deleted and made anew may not exchange', async () => {
      const details = { redirectUris: [], grantTypes: [TOKEN_EXCHANGE_GRANT] as const };
      await server.registerClient({ id: 'gone', ...details });
      const identifier = 'https://gone.example/';
      await server.registerResource({ identifier, tokenExchangeClients: ['gone', 'stranger'] });
      await server.tessera.store.clients.delete('gone', { ...event, type: 'client.deleted' });
      const resource = await server.tessera.store.resources.findByIdentifier(identifier);
      expect(resource?.tokenExchangeClients).toEqual(['stranger']);
    });
  });
});
