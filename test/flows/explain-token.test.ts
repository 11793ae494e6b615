// What the server says about a token that somebody holds: every check, who got it, for whom, which rule gave it its
// life, and what ended it; in every format. And nothing about a token that somebody made up.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { DAY, HOUR } from '../movable-clock.ts';
import { callApi } from '../admin-calls.ts';
import { issueTokenFor, tokenOwner, TOKENS } from '../personal-tokens.ts';
import {
  type Answer,
  introspect,
  obtainTokens,
  read,
  requestToken,
  revoke,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const API = {
  jwt: 'https://jwt.example/',
  cwt: 'https://cwt.example/',
  cat: 'https://cat.example/',
  opaque: OPAQUE,
} as const;

interface Explanation {
  readonly format: string;
  readonly good: boolean;
  readonly checks: readonly { readonly check: string; readonly result: string; readonly got?: string }[];
  readonly kept?: object;
  readonly background?: object;
  readonly personal_access_token?: object;
  readonly refusals?: readonly object[];
}

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let adminToken: string;
  let app: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    app = server.clients.confidential;
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
    const shared = { resourceServers: ['music-server'], accessTokenLifetime: 1200 };
    await server.registerResource({ identifier: API.jwt, tokenFormat: 'jwt', ...shared });
    await server.registerResource({ identifier: API.cwt, tokenFormat: 'cwt', ...shared });
    await server.registerResource({
      identifier: API.cat,
      tokenFormat: 'cat',
      signingAlg: 'HS256',
      ...shared,
    });
  });
  afterEach(() => server.clock.reset());
  afterAll(() => server?.close());

  const ask = async (body: object, bearer = adminToken): Promise<Answer> =>
    read(
      await fetch(`${server.base}/admin/v1/tokens/explain`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );

  async function explain(token: string, more: object = {}): Promise<Explanation> {
    const { status, body, text } = await ask({ token, ...more });
    expect(status).toBe(200);
    expect(text).not.toContain(token);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is in it is what the tests look at
    return body as unknown as Explanation;
  }

  const failures = ({ checks }: Explanation): readonly string[] =>
    checks.filter(({ result }) => result === 'failed').map(({ check }) => check);

  const ownToken = async (resource: string): Promise<string> =>
    tokensOf(await requestToken(server, { grant_type: 'client_credentials', resource }, app)).accessToken;

  it('a personal access token to its owner and who answers for it: rules, approval, last use', async () => {
    const owner = await tokenOwner(server, `owner-${store}@example.test`);
    const { token, id } = await owner.make();
    const good = await explain(token, { audience: MUSIC, scope: 'catalog-read' });
    expect([good.good, failures(good), good.kept]).toEqual([true, [], undefined]);
    expect(good.personal_access_token).toMatchObject({ id, name: 'nightly', status: 'active' });
    await introspect(server, token);
    expect((await explain(token)).personal_access_token).toMatchObject({
      last_used: { by: server.clients.musicServer.id },
    });
    const wrong = await explain(token, { audience: OPAQUE, scope: 'playlist-read-private' });
    expect(failures(wrong)).toEqual(['audience', 'scope']);

    const rules = '/admin/v1/organizations/org_default/token-rules';
    const strict = { approval_required: true, max_lifetime: 3600 };
    await callApi(server, adminToken, 'PATCH', rules, strict);
    const refused = await explain(token);
    expect(failures(refused)).toEqual(['rules']);
    expect(refused.checks.find(({ check }) => check === 'rules')?.got).toContain('nobody has approved it');
    await callApi(server, adminToken, 'PATCH', rules, { max_lifetime: 366 * 24 * 3600 });
    const waiting = await owner.make();
    expect(failures(await explain(waiting.token))).toEqual(['status']);
    await callApi(server, adminToken, 'PATCH', rules, { approval_required: false });

    const account = await issueTokenFor(server, owner.user.id, ['admin']);
    expect((await ask({ token }, account)).body).toMatchObject({ personal_access_token: { id } });
    const stranger = await tokenOwner(server, `stranger-${store}@example.test`);
    const other = await issueTokenFor(server, stranger.user.id, ['admin']);
    const unknown = await ask({ token }, other);
    expect(unknown.body).not.toHaveProperty('personal_access_token');
    expect(unknown.text).not.toContain('nightly');
    await owner.call('POST', `${TOKENS}/${id}/revoke`, {});
    const revoked = await explain(token);
    expect(failures(revoked)).toEqual(['status']);
    expect(revoked.checks.find(({ check }) => check === 'status')?.got).toContain('revoked by owner');
    server.clock.advance(31 * DAY);
    adminToken = await issueAdminToken(
      server.tessera,
      (await server.tessera.store.users.findByEmail('admin@example.test'))!,
    );
    expect(failures(await explain(waiting.token))).toContain('expiry');
  });

  it('is for administrators', async () => {
    const token = await ownToken(API.jwt);
    expect((await ask({ token }, token)).status).toBe(401);
  });

  it.each([
    ['nothing', { token: '' }],
    ['no token', {}],
    ['a member that is not known', { token: 'x', tokens: 'y' }],
    ['a token that is too long', { token: 'x'.repeat(16_385) }],
  ])('does not take %s', async (_, body) => {
    expect((await ask(body)).status).toBe(400);
  });

  describe.each(['opaque', 'jwt', 'cwt', 'cat'] as const)('a token as %s', (format) => {
    it('is good, with everything that is known of it', async () => {
      const explanation = await explain(await ownToken(API[format]), { audience: API[format] });
      expect(explanation).toMatchObject({
        format,
        good: true,
        kept: { client_id: app.id, resource: API[format], status: 'live', format },
        background: { client_name: expect.any(String), audience: [API[format]] },
      });
      if (format !== 'opaque') {
        expect(explanation.background).toMatchObject({
          lifetime: 1200,
          lifetime_rule: 'The access_token_lifetime of its API.',
        });
      }
      const passed = explanation.checks.filter(({ result }) => result === 'passed').map(({ check }) => check);
      expect(passed).toEqual(
        expect.arrayContaining(['form', 'known', 'status', 'audience', 'expiry', 'not_before']),
      );
    });

    it('is not for another API, and has not every scope', async () => {
      const explanation = await explain(await ownToken(API[format]), {
        audience: MUSIC,
        scope: 'everything',
      });
      expect(failures(explanation)).toEqual(['audience', 'scope']);
      expect(explanation.good).toBe(false);
    });

    it('says that it was revoked', async () => {
      const token = await ownToken(API[format]);
      await revoke(server, token, app);
      const explanation = await explain(token);
      expect(failures(explanation)).toEqual(['status']);
      expect(explanation.checks).toContainEqual(
        expect.objectContaining({ check: 'status', got: 'it was revoked itself' }),
      );
    });

    it('says that it has expired, and a day later that nothing is known any more', async () => {
      const token = await ownToken(API[format]);
      server.clock.advance(HOUR);
      expect(failures(await explain(token))).toEqual(['expiry']);
      server.clock.advance(DAY);
      adminToken = await issueAdminToken(
        server.tessera,
        (await server.tessera.store.users.findByEmail('admin@example.test'))!,
      );
      await server.tessera.store.maintenance.purge(server.clock.now(), 30_000);
      expect(failures(await explain(token))).toContain('known');
    });

    it('tells nothing of a token that was changed', async () => {
      const token = await ownToken(API[format]);
      const at = token.length - 12;
      const explanation = await explain(
        `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`,
      );
      expect(explanation.good).toBe(false);
      expect(explanation).not.toHaveProperty('kept');
    });
  });

  it('says whose token it was, and that the person disconnected the app', async () => {
    const browser = server.newBrowser();
    const parameters = { scope: 'openid catalog-read' };
    const tokens = await obtainTokens(server, browser, { client: app, parameters });
    expect(await explain(tokens.accessToken)).toMatchObject({
      good: true,
      background: {
        user_email: server.person.user.email,
        granted_at: expect.any(Number),
        lifetime_rule: expect.stringContaining('of the server'),
      },
    });
    await revoke(server, tokens.refreshToken, app);
    await userinfo(server, tokens.accessToken);
    const explanation = await explain(tokens.accessToken);
    expect(explanation.checks).toContainEqual(
      expect.objectContaining({ check: 'status', got: 'its grant ended: revoked_by_client' }),
    );
    expect(explanation.background).toMatchObject({ grant_end_reason: 'revoked_by_client' });
    expect(explanation.refusals).toMatchObject([{ path: '/userinfo', detail: 'revoked' }]);
  });

  it.each([
    ['a refresh token', async () => (await tokens()).refreshToken, 'kind'],
    ['a word', async () => 'hello', 'form'],
    ['an ID token', async () => (await tokens()).idToken, 'type'],
  ])('knows what %s is', async (_, token, check) => {
    expect(failures(await explain(await token()))[0]).toBe(check);
  });

  const tokens = () =>
    obtainTokens(server, server.newBrowser(), { client: app, parameters: { scope: 'openid catalog-read' } });

  it('leaves no token in the log', async () => {
    const token = await ownToken(API.jwt);
    await explain(token);
    await explain(`${token}x`);
    expect(server.log.join('\n')).not.toContain(token.slice(0, 60));
  });
});
