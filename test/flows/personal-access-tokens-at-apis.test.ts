// Personal access tokens by HTTP Basic, at the music API and at the gateway; mails about them; what a leak does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox } from '../../packages/server/src/mail/mailbox.ts';
import { createTokenString } from '@tessera/tokens';
import { randomBytes } from 'node:crypto';
import { warnOfEnds } from '../../packages/server/src/protocol/personal-tokens/warn-of-ends.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR } from '../movable-clock.ts';
import { startMusic, type TestMusic, TRACK } from '../music.ts';
import { introspect, obtainTokens, postForm } from '../oauth-calls.ts';
import { ALL_TOKENS, issueTokenFor, type TokenOwner, tokenOwner, TOKENS } from '../personal-tokens.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const DAY = 24 * HOUR;
const basic = (text: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let mailbox: Mailbox;
  let grace: TokenOwner;
  let admin: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ mailbox } = server);
    music = await startMusic(server);
    grace = await tokenOwner(server, 'grace@example.test');
    admin = await adminToken(server);
    upstream = await startUpstream();
    const { musicServer } = server.clients;
    const route = (check: object): object => ({
      upstream: upstream.url,
      verify_access_token: { audience: MUSIC, ...check },
    });
    gateway = await startGateway(
      {
        issuers: {
          tessera: { url: server.issuer, client_id: musicServer.id, client_secret: musicServer.secret },
        },
        routes: {
          basic: {
            path: '/basic',
            ...route({ basic_personal_tokens: true }),
            quotas: [{ per: 'token', requests: 50, seconds: 60 }],
          },
          bearer: { path: '/bearer', ...route({}) },
        },
      },
      { clock: server.clock.now },
    );
  });
  afterAll(async () => {
    await gateway?.close();
    await upstream?.close();
    await music?.close();
    await server?.close();
  });

  const mailsAbout = async (
    purpose: string,
  ): Promise<readonly { subject: string; text: string; to: string }[]> => {
    await expect
      .poll(() => mailbox.list().filter((mail) => mail.purpose === purpose).length)
      .toBeGreaterThan(0);
    return mailbox.list().filter((mail) => mail.purpose === purpose);
  };

  describe('HTTP Basic', () => {
    const at = async (path: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${gateway.url}${path}`, { headers });

    it('is refused with anything but a personal access token', async () => {
      const { accessToken } = await obtainTokens(server, server.newBrowser(), {
        parameters: { scope: 'catalog-read', resource: OPAQUE },
      });
      const { musicServer } = server.clients;
      const others = [
        `:${accessToken}`,
        `${musicServer.id}:${musicServer.secret}`,
        'grace:password',
        `:${createTokenString('pat', randomBytes)}`,
      ];
      for (const each of others) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        expect((await music.call(`/v1/tracks/${TRACK}`, undefined, basic(each))).status).toBe(401);
        // oxlint-disable-next-line no-await-in-loop -- four of them
        const answer = await at('/basic', basic(each));
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=[^,]*(?:, [a-z_]+="[^"]*")*$/);
      }
    });
    it('is refused from a page of another site, and where the route does not take it', async () => {
      const { token } = await grace.make();
      const crossSite = { ...basic(`:${token}`), 'sec-fetch-site': 'cross-site' };
      expect((await music.call(`/v1/tracks/${TRACK}`, undefined, crossSite)).status).toBe(400);
      expect((await at('/basic', crossSite)).status).toBe(400);
      const answer = await at('/bearer', basic(`:${token}`));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=[^,]*(?:, [a-z_]+="[^"]*")*$/);
    });
    it.each(['', 'grace', 'anyone'])('passes with the user name "%s"', async (user) => {
      const { token } = await grace.make();
      expect((await music.call(`/v1/tracks/${TRACK}`, undefined, basic(`${user}:${token}`))).status).toBe(
        200,
      );
      const before = upstream.seen.length;
      expect((await at('/basic', basic(`${user}:${token}`))).status).toBe(200);
      const seen = upstream.seen[before];
      expect(seen?.headers['authorization']).toBeUndefined();
      expect(seen?.headers['x-auth-subject']).toBe(grace.user.id);
      expect(gateway.log.join('')).not.toContain(token);
    });
    it('is refused once the gateway has heard of the revocation', async () => {
      const { id, token } = await grace.make();
      expect((await at('/basic', basic(`:${token}`))).status).toBe(200);
      await grace.call('POST', `${TOKENS}/${id}/revoke`);
      await expect.poll(async () => (await at('/basic', basic(`:${token}`))).status).toBe(401);
    });
  });

  describe('a mail', () => {
    it('tells of each new token, without the token', async () => {
      const { token } = await grace.make({ name: 'told about' });
      await expect
        .poll(() => mailbox.list().some(({ subject }) => subject.includes('told about')))
        .toBe(true);
      const mail = mailbox.list().find(({ subject }) => subject.includes('told about'));
      expect(mail).toMatchObject({ to: grace.email });
      expect(mail?.text).toContain(token.slice(-4));
      expect(mail?.text).not.toContain(token);
    });
    it('tells the owner of the decision', async () => {
      const rules = '/admin/v1/organizations/org_default/token-rules';
      await callApi(server, admin, 'PATCH', rules, { approval_required: true });
      const { id } = await grace.make({ name: 'wished for' });
      await callApi(server, admin, 'POST', `${ALL_TOKENS}/${id}/deny`, { reason: 'not this one' });
      const [mail] = await mailsAbout('personal_access_token_decided');
      expect(mail).toMatchObject({ to: grace.email });
      expect(mail?.text).toContain('not this one');
      await callApi(server, admin, 'PATCH', rules, { approval_required: false });
    });
    it('comes 7 days and one day before the end, each once', async () => {
      const ida = await tokenOwner(server, `ida-${store}@example.test`);
      const now = server.clock.now();
      const end = Math.floor(now / 1000) + (20 * DAY) / 1000;
      const { id } = await ida.make({ name: 'ending', expires_at: end });
      const { personalAccessTokens, users } = server.tessera.store;
      const warned: number[] = [];
      const counting = {
        issuer: server.issuer,
        users,
        sealMail: ({ to, subject }: { readonly to: string; readonly subject: string }, at: number) => ({
          id: `msg_${to}${subject}`,
          purpose: 'personal_access_token_expiring' as const,
          sealed: new Uint8Array(1),
          createdAt: at + 1000 * DAY,
          expiresAt: at + 1001 * DAY,
        }),
        personalAccessTokens: {
          ...personalAccessTokens,
          warn: async (...args: Parameters<typeof personalAccessTokens.warn>) => {
            const first = await personalAccessTokens.warn(...args);
            if (first && args[0] === id) warned.push(args[1]);
            return first;
          },
        },
      };
      const look = (at: number): Promise<unknown> =>
        Promise.all([warnOfEnds(at, counting), warnOfEnds(at, counting)]);
      await look(end * 1000 - 8 * DAY);
      expect(warned).toEqual([]);
      await look(end * 1000 - 7 * DAY);
      await look(end * 1000 - 6 * DAY);
      expect(warned).toEqual([7]);
      await look(end * 1000 - DAY);
      await look(end * 1000 - 1);
      await look(end * 1000);
      expect(warned).toEqual([7, 1]);
    });
  });

  it('is not good by an approval of its owner, where the organization of the API asks for one', async () => {
    const ruth = await tokenOwner(server, `ruth-${store}@example.test`);
    const own = await issueTokenFor(server, ruth.user.id, ['admin']);
    const [before, later] = [await ruth.make({ name: 'approved before' }), await ruth.make()];
    const approve = (id: string) => callApi(server, own, 'POST', `${ALL_TOKENS}/${id}/approve`, {});
    await approve(before.id);
    const rules = '/admin/v1/organizations/org_default/token-rules';
    await callApi(server, admin, 'PATCH', rules, { approval_required: true });
    try {
      expect((await approve(later.id)).status).toBe(403);
      for (const { token } of [before, later]) {
        expect((await introspect(server, token)).body['active']).toBe(false);
      }
      const waiting = await ruth.make();
      const wider = { scopes: ['catalog-read', 'user-read-private'] };
      const widened = await ruth.call('PATCH', `${TOKENS}/${waiting.id}`, wider);
      expect(widened.body['type']).toContain('token_rules');
      const again = await ruth.call('POST', `${TOKENS}/${before.id}/regenerate`, {});
      expect(again.body).toMatchObject({ status: 'pending', approval_organization_id: 'org_default' });
      await callApi(server, admin, 'POST', `${ALL_TOKENS}/${later.id}/approve`, {});
      expect((await introspect(server, later.token)).body['active']).toBe(true);
    } finally {
      await callApi(server, admin, 'PATCH', rules, { approval_required: false });
    }
  });

  it('under a policy about networks are refused where nobody says who used them, and pass by the gateway', async () => {
    const { token } = await grace.make();
    const through = async (headers = {}): Promise<number> =>
      (await fetch(`${gateway.url}/bearer`, { headers: { authorization: `Bearer ${token}`, ...headers } }))
        .status;
    const onlyFrom = async (networks: readonly string[]): Promise<() => Promise<unknown>> => {
      const conditions = { network: { none_of: networks }, resource: { any_of: [MUSIC] } };
      const policy = { name: 'Network', server_wide: true, conditions, outcome: { kind: 'block' } };
      const { status, body } = await callApi(server, admin, 'POST', '/admin/v1/policies', policy);
      expect(status).toBe(201);
      return () => callApi(server, admin, 'DELETE', `/admin/v1/policies/${String(body['id'])}`);
    };
    const elsewhere = await onlyFrom(['198.51.100.0/24']);
    expect(await through()).toBe(401);
    // What a caller says of itself counts for nothing.
    expect(await through({ 'x-forwarded-for': '198.51.100.7' })).toBe(401);
    await elsewhere();
    const here = await onlyFrom(['127.0.0.0/8', '::1']);
    const { musicServer, confidential } = server.clients;
    const asked = { token, caller_address: '127.0.0.1' };
    expect((await introspect(server, token)).body).toEqual({
      active: false,
      tessera_reason: 'access_policy',
    });
    expect((await postForm(server, '/api/introspect', asked, musicServer)).body['active']).toBe(true);
    // Only the word of an API that it serves.
    expect((await postForm(server, '/api/introspect', asked, confidential)).body['active']).not.toBe(true);
    expect((await postForm(server, '/api/introspect', asked)).status).toBe(401);
    expect(await through()).toBe(200);
    await here();
  });

  it('that somebody found is ended, and its owner told', async () => {
    const { id, token } = await grace.make({ name: 'leaked' });
    expect(await postForm(server, '/api/leaked-tokens', { token })).toMatchObject({ status: 202 });
    expect((await grace.call('GET', `${TOKENS}/${id}`)).body).toMatchObject({
      status: 'revoked',
      revoked_reason: 'leaked',
    });
    const [mail] = await mailsAbout('token_leaked');
    expect(mail).toMatchObject({ to: grace.email });
  });
});
