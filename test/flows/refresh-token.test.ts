// Refresh tokens: bound to their client, replaced with each use of a public one, ended with everything else.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { DAY, SECOND } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  introspect,
  obtainTokens,
  type Parameters,
  refresh,
  requestToken,
  type Tokens,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type Person, type RegisteredClient } from '../registrations.ts';

const PARALLEL = 32;
const GRACE = 30 * SECOND;

describe.each(STORES)('refresh tokens on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;
  let publicWeb: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    if (store === 'postgres') await server.addNode();
    ({ confidential, publicWeb } = server.clients);
    browser = server.newBrowser();
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const obtain = (client: RegisteredClient, parameters: Parameters = {}): Promise<Tokens> =>
    obtainTokens(server, browser, { client, parameters: { scope: 'openid catalog-read', ...parameters } });

  function expectRefused(answer: Answer, error = 'invalid_grant', status = 400): void {
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }

  async function expectActive(accessToken: string, active: boolean): Promise<void> {
    expect((await introspect(server, accessToken)).body).toMatchObject({ active });
  }

  describe('are refused', () => {
    it('to another client, and stay good for their own (TK-17)', async () => {
      const { refreshToken } = await obtain(confidential);
      const thief = await server.registerClient({ id: 'thief' });
      expectRefused(await refresh(server, refreshToken, thief));
      expectRefused(await refresh(server, refreshToken, publicWeb));
      expect(await refresh(server, refreshToken, confidential)).toMatchObject({ status: 200 });
    });

    it('to nobody in particular, and to a confidential client without its secret (TK-09, TK-17)', async () => {
      const { refreshToken } = await obtain(confidential);
      const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken };
      expectRefused(await requestToken(server, parameters), 'invalid_client', 401);
      expectRefused(
        await refresh(server, refreshToken, { ...confidential, secret: undefined }),
        'invalid_client',
        401,
      );
    });

    it('when they are something else (TK-30)', async () => {
      const { accessToken, idToken } = await obtain(confidential);
      const others = [
        accessToken,
        idToken,
        confidential.secret ?? '',
        'undefined',
        'tsr_rt_',
        'NUL\0',
        'a'.repeat(9000),
      ];
      for (const refreshToken of others) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, for a readable failure
        expectRefused(await refresh(server, refreshToken, confidential));
      }
    });

    it('when they are missing or repeated (RFC 6749 §5.2)', async () => {
      const { refreshToken } = await obtain(confidential);
      expectRefused(
        await requestToken(server, { grant_type: 'refresh_token' }, confidential),
        'invalid_request',
      );
      const twice = { grant_type: 'refresh_token', refresh_token: [refreshToken, refreshToken] };
      expectRefused(await requestToken(server, twice, confidential), 'invalid_request');
    });

    it.each([
      [
        'a scope that was not granted (TK-18, RFC 6749 §6)',
        { scope: 'catalog-read user-read-email' },
        'invalid_scope',
      ],
      ['another resource (TK-27)', { resource: OPAQUE }, 'invalid_target'],
      ['an unknown resource (TK-27)', { resource: 'https://unknown.example/' }, 'invalid_target'],
    ])('for %s, and stay good', async (_name, parameters, error) => {
      const { refreshToken } = await obtain(publicWeb, { resource: MUSIC });
      expectRefused(await refresh(server, refreshToken, publicWeb, parameters), error);
      expect(await refresh(server, refreshToken, publicWeb)).toMatchObject({ status: 200 });
    });
  });

  describe('of a public client', () => {
    it('are replaced with each use (SP-6, RFC 9700 §2.2.2)', async () => {
      let { refreshToken } = await obtain(publicWeb);
      const seen = new Set([refreshToken]);
      for (let use = 0; use < 4; use++) {
        // oxlint-disable-next-line no-await-in-loop -- each needs the one before
        const answer = await refresh(server, refreshToken, publicWeb);
        expect(answer.body).toMatchObject({
          token_type: 'Bearer',
          expires_in: 3600,
          scope: 'openid catalog-read',
        });
        ({ refreshToken } = tokensOf(answer));
        expect(seen.has(refreshToken)).toBe(false);
        seen.add(refreshToken);
      }
    });

    it('give the same answer again while the grace lasts and the successor is unused (TK-15)', async () => {
      server.clock.stopAt(Date.now());
      const { refreshToken } = await obtain(publicWeb);
      const first = await refresh(server, refreshToken, publicWeb);
      server.clock.advance(GRACE - 1);
      const again = await refresh(server, refreshToken, publicWeb);
      expect(again.status).toBe(200);
      expect(again.text).toBe(first.text);
      expect(again.headers.get('cache-control')).toBe('no-store');
    });

    it('end everything when they come back after the grace (TK-14, S4)', async () => {
      server.clock.stopAt(Date.now());
      const before = (await server.auditEvents('refresh_token.reused')).length;
      const first = await obtain(publicWeb);
      const second = tokensOf(await refresh(server, first.refreshToken, publicWeb));
      server.clock.advance(GRACE + 1);
      expectRefused(await refresh(server, first.refreshToken, publicWeb));
      expectRefused(await refresh(server, second.refreshToken, publicWeb));
      await expectActive(first.accessToken, false);
      await expectActive(second.accessToken, false);
      expect(await userinfo(server, second.accessToken)).toMatchObject({ status: 401 });
      const events = await server.auditEvents('refresh_token.reused');
      expect(events).toHaveLength(before + 1);
      expect(events[0]).toMatchObject({
        outcome: 'failure',
        clientId: publicWeb.id,
        userId: server.person.user.id,
      });
    });

    it('end everything when they come back within the grace but after their successor was used (TK-15)', async () => {
      server.clock.stopAt(Date.now());
      const first = await obtain(publicWeb);
      const second = tokensOf(await refresh(server, first.refreshToken, publicWeb));
      const third = tokensOf(await refresh(server, second.refreshToken, publicWeb));
      expectRefused(await refresh(server, first.refreshToken, publicWeb));
      expectRefused(await refresh(server, third.refreshToken, publicWeb));
      await expectActive(third.accessToken, false);
    });

    it(`have one live successor after ${PARALLEL} uses at once (TK-16, R2)`, async () => {
      const { refreshToken } = await obtain(publicWeb);
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          refresh(server, refreshToken, publicWeb, {}, { base: server.nodes[index % server.nodes.length]! }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const successor = tokensOf(answers[0]!);
      expect(await refresh(server, successor.refreshToken, publicWeb)).toMatchObject({ status: 200 });
      expectRefused(await refresh(server, refreshToken, publicWeb));
    });

    it(`and none after ${PARALLEL} uses at once past the grace (TK-14)`, async () => {
      server.clock.stopAt(Date.now());
      const { refreshToken } = await obtain(publicWeb);
      const successor = tokensOf(await refresh(server, refreshToken, publicWeb));
      server.clock.advance(GRACE + 1);
      const before = (await server.auditEvents('refresh_token.reused')).length;
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          refresh(server, refreshToken, publicWeb, {}, { base: server.nodes[index % server.nodes.length]! }),
        ),
      );
      for (const answer of answers) expectRefused(answer);
      expectRefused(await refresh(server, successor.refreshToken, publicWeb));
      expect(await server.auditEvents('refresh_token.reused')).toHaveLength(before + 1);
    });
  });

  describe('of a confidential client', () => {
    it('stay the same, and are not sent again (SP-6)', async () => {
      const { refreshToken } = await obtain(confidential, { scope: 'catalog-read' });
      for (let use = 0; use < 3; use++) {
        // oxlint-disable-next-line no-await-in-loop -- one use after the other
        const answer = await refresh(server, refreshToken, confidential);
        expect(answer.status).toBe(200);
        expect(Object.keys(answer.body).toSorted()).toEqual([
          'access_token',
          'expires_in',
          'scope',
          'token_type',
        ]);
      }
    });

    it(`may be used ${PARALLEL} times at once`, async () => {
      const { refreshToken } = await obtain(confidential);
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, () => refresh(server, refreshToken, confidential)),
      );
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    });
  });

  it('give fewer scopes when asked, and all of them again afterwards (TK-18)', async () => {
    const { refreshToken } = await obtain(confidential, { scope: 'openid catalog-read user-read-email' });
    const narrow = await refresh(server, refreshToken, confidential, { scope: 'catalog-read' });
    expect(narrow.body).toMatchObject({ scope: 'catalog-read' });
    expect(narrow.body['id_token']).toBeUndefined();
    const wide = await refresh(server, refreshToken, confidential);
    expect(wide.body).toMatchObject({ scope: 'openid catalog-read user-read-email' });
    const [, payload = ''] = tokensOf(wide).idToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ aud: confidential.id, sub: server.person.user.id });
    expect(claims['nonce']).toBeUndefined();
  });

  it('give an ID token of the same sign-in: another iat, no nonce (OpenID Connect Core §12.2)', async () => {
    server.clock.stopAt(Date.now());
    const first = await obtain(confidential, { scope: 'openid', nonce: 'of-the-first', max_age: '9999' });
    server.clock.advance(5000);
    const second = tokensOf(await refresh(server, first.refreshToken, confidential));
    const [before, after] = [first, second].map(({ idToken }) => decodeJwt(idToken));
    const { iss, sub, aud, auth_time } = before!;
    expect(after).toMatchObject({ iss, sub, aud, auth_time });
    expect(auth_time).toEqual(expect.any(Number));
    expect(before!['nonce']).toBe('of-the-first');
    expect(after).not.toHaveProperty('nonce');
    expect(after!.iat! - before!.iat!).toBe(5);
  });

  it('of a grant for an API give a token for the issuer when openid was granted', async () => {
    const { refreshToken, accessToken } = await obtain(publicWeb, { resource: MUSIC });
    expect(await userinfo(server, accessToken)).toMatchObject({ status: 401 });
    const forIssuer = tokensOf(await refresh(server, refreshToken, publicWeb, { resource: server.issuer }));
    expect((await userinfo(server, forIssuer.accessToken)).body).toEqual({ sub: server.person.user.id });
  });

  describe('end', () => {
    it.each(['publicWeb', 'confidential'] as const)(
      '30 days after their last use: %s (TK-20)',
      async (name) => {
        const client = server.clients[name];
        server.clock.stopAt(Date.now());
        let { refreshToken } = await obtain(client);
        const use = async (): Promise<Answer> => {
          const answer = await refresh(server, refreshToken, client);
          if (answer.status === 200) refreshToken = tokensOf(answer).refreshToken || refreshToken;
          return answer;
        };
        server.clock.advance(30 * DAY - 1);
        expect(await use()).toMatchObject({ status: 200 });
        server.clock.advance(30 * DAY - 1);
        expect(await use()).toMatchObject({ status: 200 });
        server.clock.advance(30 * DAY);
        expectRefused(await use());
      },
    );

    it.each(['publicWeb', 'confidential'] as const)(
      '180 days after the person agreed, however often they are used: %s (TK-20, SP-6)',
      async (name) => {
        const client = server.clients[name];
        server.clock.stopAt(Date.now());
        let { refreshToken } = await obtain(client);
        for (let month = 1; month <= 7; month++) {
          server.clock.advance(25 * DAY);
          // oxlint-disable-next-line no-await-in-loop -- month after month
          const answer = await refresh(server, refreshToken, client);
          refreshToken = tokensOf(answer).refreshToken || refreshToken;
        }
        server.clock.advance(5 * DAY - 1);
        const last = await refresh(server, refreshToken, client);
        refreshToken = tokensOf(last).refreshToken || refreshToken;
        server.clock.advance(1);
        expectRefused(await refresh(server, refreshToken, client));
      },
    );

    const ENDS: readonly (readonly [
      string,
      (person: Person, client: RegisteredClient) => Promise<unknown>,
      string,
    ])[] = [
      ['their person is disabled', (person) => setStatus(person, 'disabled'), 'invalid_grant'],
      [
        'their person is deleted',
        ({ user }) => stored().users.delete(user.id, event('user.deleted')),
        'invalid_grant',
      ],
      ['their client is disabled', (_person, client) => disable(client), 'invalid_client'],
      [
        'their client is deleted',
        (_person, { id }) => stored().clients.delete(id, event('client.deleted')),
        'invalid_client',
      ],
      ['their grant is ended by an administrator', (person) => endGrants(person), 'invalid_grant'],
    ];
    const stored = (): TestServer['tessera']['store'] => server.tessera.store;
    const event = (
      type: 'user.deleted' | 'user.updated' | 'client.deleted' | 'client.updated' | 'grant.ended',
    ) =>
      ({
        id: `evt_${Math.random()}`,
        at: server.clock.now(),
        type,
        outcome: 'success',
        actor: 'system',
      }) as const;
    const setStatus = ({ user }: Person, status: 'active' | 'disabled'): Promise<unknown> =>
      stored().users.update({ ...user, status }, event('user.updated'));
    async function disable({ id }: RegisteredClient): Promise<void> {
      const known = await stored().clients.find(id);
      await stored().clients.update({ ...known!, status: 'disabled' }, event('client.updated'));
    }
    async function endGrants({ user }: Person): Promise<void> {
      const { items } = await stored().grants.list({ userId: user.id }, { limit: 10 });
      for (const { id } of items) {
        // oxlint-disable-next-line no-await-in-loop -- one or two
        await stored().grants.end(id, 'revoked_by_admin', server.clock.now(), event('grant.ended'));
      }
    }

    it.each(ENDS)('at once when %s, and the access tokens with them (TK-19)', async (name, end, error) => {
      const id = `ends-${name.replaceAll(/\W+/g, '-')}`;
      const client = await server.registerClient({ id });
      const person = await server.registerPerson({ email: `${id}@example.test` });
      const own = server.newBrowser();
      const parameters = { scope: 'openid catalog-read' };
      const { accessToken, refreshToken } = await obtainTokens(server, own, { client, person, parameters });
      await expectActive(accessToken, true);
      await end(person, client);
      expectRefused(
        await refresh(server, refreshToken, client),
        error,
        error === 'invalid_client' ? 401 : 400,
      );
      await expectActive(accessToken, false);
      expect(await userinfo(server, accessToken)).toMatchObject({
        status: 401,
        body: { error: 'invalid_token' },
      });
      if (server.nodes.length > 1) {
        const options = { base: server.nodes[1]! };
        await expect
          .poll(async () => (await refresh(server, refreshToken, client, {}, options)).status)
          .not.toBe(200);
      }
    });

    it('stay ended when a disabled person is enabled again (TK-19)', async () => {
      const person = await server.registerPerson({ email: 'back-again@example.test' });
      const tokens = await obtainTokens(server, server.newBrowser(), { person });
      await setStatus(person, 'disabled');
      await setStatus(person, 'active');
      expectRefused(await refresh(server, tokens.refreshToken, confidential));
      await expectActive(tokens.accessToken, false);
    });
  });
});
