// Ending something ends it at verifiers: by what the server tells them, by its status lists, on one node and on two.
import { createVerifier, TokenError } from '@tessera/verifier';
import type { Verifier, VerifierOptions } from '@tessera/verifier';
import { decodeJwt } from '@tessera/tokens';
import { verifyStatusListJwt } from '@tessera/tokens/status-list';
import { verifyStatusListCwt } from '@tessera/tokens/status-list/cwt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../packages/server/src/domain/audit-event.ts';
import { startTestServer, STORES, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import { startMusic, TRACK } from '../music.ts';
import { basic, obtainTokens, requestToken, revoke, tokensOf } from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';
import { headOf } from '../settled-endings.ts';

const CWT = 'https://cwt.example/';

/** A way to the server that can be cut, as a cable can. */
function createLine(to?: { readonly issuer: string; readonly base: string }) {
  let isCut = false;
  let open = new AbortController();
  return {
    events: 0,
    cut() {
      isCut = true;
      open.abort();
      open = new AbortController();
    },
    mend() {
      isCut = false;
    },
    async fetch(this: void, url: string, init: RequestInit): Promise<Response> {
      if (isCut) throw new Error('the line is cut');
      const signal = AbortSignal.any([open.signal, ...(init.signal ? [init.signal] : [])]);
      const there = to === undefined ? url : url.replace(to.issuer, to.base);
      return globalThis.fetch(there, { ...init, signal });
    },
  };
}

describe.each(STORES)('revocation on %s', (store) => {
  let server: TestServer;
  let app: RegisteredClient;
  const verifiers: Verifier[] = [];
  beforeAll(async () => {
    server = await startTestServer({ store });
    app = server.clients.confidential;
    await server.registerResource({ identifier: CWT, tokenFormat: 'cwt', resourceServers: ['music-server'] });
  });
  afterEach(() => {
    for (const verifier of verifiers.splice(0)) verifier.close();
  });
  afterAll(() => server.close());

  const event: AuditEvent = { id: 'e', at: 0, type: 'grant.ended', outcome: 'success', actor: 'system' };
  const verifierOf = (more: Partial<VerifierOptions> = {}): Verifier => {
    const { id, secret = '' } = server.clients.musicServer;
    const verifier = createVerifier({
      issuer: server.issuer,
      audience: MUSIC,
      clientId: id,
      clientSecret: secret,
      clock: server.clock.now,
      introspectionCacheSeconds: 300,
      ...more,
    });
    verifiers.push(verifier);
    return verifier;
  };
  const pollerOf = (more: Partial<VerifierOptions> = {}): Verifier => {
    const verifier = createVerifier({
      issuer: server.issuer,
      audience: MUSIC,
      clock: server.clock.now,
      ...more,
    });
    verifiers.push(verifier);
    return verifier;
  };
  const codeOf = async (verifier: Verifier, token: string): Promise<string> => {
    try {
      await verifier.verify(token);
      return 'accepted';
    } catch (error) {
      if (error instanceof TokenError) return error.code;
      throw error;
    }
  };
  /** A verifier hears of what ends from a moment after its first token on. */
  const listening = async (verifier: Verifier, audience = MUSIC): Promise<void> => {
    const probe = await ownToken(audience);
    expect(await codeOf(verifier, probe)).toBe('accepted');
    await revoke(server, probe, app);
    await expect.poll(() => codeOf(verifier, probe), { interval: 10 }).not.toBe('accepted');
  };
  const ownToken = async (resource = MUSIC, client = app): Promise<string> =>
    tokensOf(await requestToken(server, { grant_type: 'client_credentials', resource }, client)).accessToken;

  describe('is heard by a verifier with credentials', () => {
    it.each([
      ['a JWT', MUSIC],
      ['a CWT', CWT],
      ['an opaque token that it remembers', OPAQUE],
    ])('of %s', async (_what, audience) => {
      const verifier = verifierOf({ audience });
      await listening(verifier, audience);
      const [kept, ended] = [await ownToken(audience), await ownToken(audience)];
      expect([await codeOf(verifier, kept), await codeOf(verifier, ended)]).toEqual(['accepted', 'accepted']);
      await revoke(server, ended, app);
      await expect.poll(() => codeOf(verifier, ended), { interval: 5 }).toBe('revoked');
      expect(await codeOf(verifier, kept)).toBe('accepted');
    });
    const grantOf = (token: string): string => String(decodeJwt(token)?.payload['grant_id']);
    const ends: readonly (readonly [string, (token: string) => Promise<unknown>])[] = [
      [
        'the end of its grant',
        (token) =>
          server.tessera.store.grants.end(grantOf(token), 'revoked_by_admin', server.clock.now(), event),
      ],
      [
        'a new password',
        async () => {
          const user = await server.tessera.store.users.find(server.person.user.id);
          if (user === undefined) throw new Error('nobody');
          await server.tessera.store.users.update(
            { ...user, passwordHash: `${user.passwordHash ?? ''}=`, updatedAt: server.clock.now() },
            { ...event, type: 'user.updated' },
          );
          await server.tessera.store.users.update(
            { ...user, updatedAt: server.clock.now() + 1 },
            { ...event, type: 'user.updated' },
          );
        },
      ],
    ];
    it.each(ends)("of a person's JWT: %s", async (_what, end) => {
      const verifier = verifierOf();
      await listening(verifier);
      const { accessToken } = await obtainTokens(server, server.newBrowser(), {
        parameters: { resource: MUSIC },
      });
      expect(await codeOf(verifier, accessToken)).toBe('accepted');
      await end(accessToken);
      await expect.poll(() => codeOf(verifier, accessToken), { interval: 5 }).toBe('revoked');
    });
    it('of everything that a disabled client holds, for good; what it gets later is good', async () => {
      const client = await server.registerClient({ id: `fickle-${store}` });
      const verifier = verifierOf();
      await listening(verifier);
      const [jwt, opaque] = [await ownToken(MUSIC, client), await ownToken(OPAQUE, client)];
      const opaqueVerifier = verifierOf({ audience: OPAQUE });
      await listening(opaqueVerifier, OPAQUE);
      expect([await codeOf(verifier, jwt), await codeOf(opaqueVerifier, opaque)]).toEqual([
        'accepted',
        'accepted',
      ]);
      const { clients } = server.tessera.store;
      const before = await clients.find(client.id);
      if (before === undefined) throw new Error('no client');
      const audit = { ...event, type: 'client.updated' } as const;
      await clients.update({ ...before, status: 'disabled', updatedAt: server.clock.now() }, audit);
      await expect.poll(() => codeOf(verifier, jwt), { interval: 5 }).toBe('revoked');
      await expect.poll(() => codeOf(opaqueVerifier, opaque), { interval: 5 }).toBe('revoked');
      server.clock.advance(3 * SECOND);
      await clients.update({ ...before, updatedAt: server.clock.now() }, audit);
      await expect
        .poll(
          async () =>
            (await requestToken(server, { grant_type: 'client_credentials', resource: MUSIC }, client))
              .status,
        )
        .toBe(200);
      expect(await codeOf(verifier, await ownToken(MUSIC, client))).toBe('accepted');
      expect([await codeOf(verifier, jwt), await codeOf(opaqueVerifier, opaque)]).toEqual([
        'revoked',
        'revoked',
      ]);
      expect(await codeOf(pollerOf(), jwt)).toBe('revoked');
    });
    it('at the music API, at once', async () => {
      const music = await startMusic(server);
      const path = `/v1/tracks/${TRACK}`;
      const probe = await ownToken();
      expect((await music.call(path, probe)).status).toBe(200);
      await revoke(server, probe, app);
      await expect.poll(async () => (await music.call(path, probe)).status, { interval: 5 }).toBe(401);
      const token = await ownToken();
      expect((await music.call(path, token)).status).toBe(200);
      await revoke(server, token, app);
      await expect.poll(async () => (await music.call(path, token)).status, { interval: 5 }).toBe(401);
      await music.close();
    });
    it('of a JWT at the userinfo endpoint and the own APIs, in the same breath', async () => {
      const { accessToken } = await obtainTokens(server, server.newBrowser(), {
        parameters: { scope: 'openid' },
      });
      const ask = async (): Promise<number> =>
        (await fetch(`${server.base}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } }))
          .status;
      expect(await ask()).toBe(200);
      await revoke(server, accessToken, app);
      expect(await ask()).toBe(401);
    });
  });

  describe('is not missed', () => {
    it('by a verifier whose line was cut meanwhile', async () => {
      const line = createLine();
      const verifier = verifierOf({ fetch: line.fetch });
      await listening(verifier);
      const tokens = await Promise.all(Array.from({ length: 20 }, () => ownToken()));
      for (const token of tokens) expect(await codeOf(verifier, token)).toBe('accepted');
      line.cut();
      for (const token of tokens.slice(1)) await revoke(server, token, app);
      // It cannot know; its list is not too old yet.
      expect(await codeOf(verifier, tokens[1] ?? '')).toBe('accepted');
      line.mend();
      for (const token of tokens.slice(1)) {
        await expect.poll(() => codeOf(verifier, token), { interval: 10 }).toBe('revoked');
      }
      expect(await codeOf(verifier, tokens[0] ?? '')).toBe('accepted');
    });
    it('by one that was away until the events were forgotten', async () => {
      const line = createLine();
      const verifier = verifierOf({ fetch: line.fetch });
      await listening(verifier);
      const [kept, ended] = [await ownToken(), await ownToken()];
      expect([await codeOf(verifier, kept), await codeOf(verifier, ended)]).toEqual(['accepted', 'accepted']);
      line.cut();
      await revoke(server, ended, app);
      const other = await ownToken();
      await revoke(server, other, app);
      // An hour and a bit later, for the events alone.
      await server.tessera.store.maintenance.purge(server.clock.now() + 3700 * SECOND, 0);
      line.mend();
      await expect.poll(() => codeOf(verifier, ended), { interval: 10 }).toBe('revoked');
      expect(await codeOf(verifier, kept)).toBe('accepted');
    });
    it('by one that starts later', async () => {
      const ended = await ownToken();
      await revoke(server, ended, app);
      expect(await codeOf(verifierOf(), ended)).toBe('revoked');
      expect(await codeOf(pollerOf(), ended)).toBe('revoked');
    });
    it('when the row is cleared up before the token has expired by a slow clock', async () => {
      const ended = await ownToken();
      await revoke(server, ended, app);
      await server.tessera.store.maintenance.purge(server.clock.now() + 3600 * SECOND, 0);
      expect(await codeOf(pollerOf(), ended)).toBe('revoked');
    });
  });

  describe('without credentials', () => {
    it.each([
      ['JWT', MUSIC],
      ['CWT', CWT],
    ])('is seen in the status list of a %s when its time is over', async (_what, audience) => {
      const verifier = pollerOf({ audience });
      const [kept, ended] = [await ownToken(audience), await ownToken(audience)];
      expect([await codeOf(verifier, kept), await codeOf(verifier, ended)]).toEqual(['accepted', 'accepted']);
      await revoke(server, ended, app);
      expect(await codeOf(verifier, ended)).toBe('accepted');
      server.clock.advance(60 * SECOND);
      expect([await codeOf(verifier, kept), await codeOf(verifier, ended)]).toEqual(['accepted', 'revoked']);
    });
    it('is not looked for where that is switched off', async () => {
      const ended = await ownToken();
      await revoke(server, ended, app);
      expect(await codeOf(pollerOf({ issuerRevocation: 'off' }), ended)).toBe('accepted');
    });
  });

  describe('while the server is away', () => {
    it.each([
      ['allow', 'accepted'],
      ['deny', 'unavailable'],
    ] as const)(
      'a JWT whose status is too old meets onStaleRevocation: %s',
      async (onStaleRevocation, code) => {
        const line = createLine();
        const verifier = verifierOf({ fetch: line.fetch, onStaleRevocation });
        await listening(verifier);
        const [token, ended] = [await ownToken(), await ownToken()];
        expect([await codeOf(verifier, token), await codeOf(verifier, ended)]).toEqual([
          'accepted',
          'accepted',
        ]);
        await revoke(server, ended, app);
        await expect.poll(() => codeOf(verifier, ended), { interval: 5 }).toBe('revoked');
        line.cut();
        server.clock.advance(61 * SECOND);
        // A cut is not felt in the same instant.
        await expect.poll(() => codeOf(verifier, token), { interval: 5 }).toBe(code);
        // What is known to have ended stays so.
        expect(await codeOf(verifier, ended)).toBe('revoked');
        line.mend();
        server.clock.advance(3 * SECOND);
        await expect.poll(() => codeOf(verifier, token), { interval: 10 }).toBe('accepted');
      },
    );
    it.each(['allow', 'deny'] as const)('an opaque token never passes: %s', async (onStaleRevocation) => {
      const line = createLine();
      const verifier = verifierOf({
        audience: OPAQUE,
        fetch: line.fetch,
        onStaleRevocation,
        introspectionCacheSeconds: 0,
      });
      const token = await ownToken(OPAQUE);
      expect(await codeOf(verifier, token)).toBe('accepted');
      line.cut();
      const error: unknown = await verifier.verify(token).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    });
  });

  describe('status lists', () => {
    const listOf = (token: string): { idx: number; uri: string } => {
      const status = decodeJwt(token)?.payload['status'] as { status_list: { idx: number; uri: string } };
      return status.status_list;
    };
    const keys = (kid: string | undefined) => server.tessera.keyRing.verificationKey(kid ?? '');
    it.each([
      ['unknown', '/status-lists/999999', {}, 404],
      ['without a number', '/status-lists/x', {}, 404],
      ['under another spelling', '/status-lists/00', {}, 404],
      ['of a time past', '/status-lists/0?time=1', {}, 501],
      ['as a picture', '/status-lists/0', { accept: 'image/png' }, 406],
    ])('are refused: %s', async (_what, path, headers, status) => {
      await ownToken();
      const response = await fetch(`${server.base}${path}`, { headers });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    });
    it('are signed JWTs and CWTs that say which tokens have ended', async () => {
      const [kept, ended] = [await ownToken(), await ownToken()];
      await revoke(server, ended, app);
      const { uri, idx } = listOf(ended);
      expect(uri).toMatch(new RegExp(`^${server.issuer}/status-lists/\\d+$`));
      const expected = { uri, nowMs: server.clock.now(), maximumBytes: 1_000_000 };
      const jwt = await fetch(uri);
      expect(jwt.headers.get('content-type')).toBe('application/statuslist+jwt');
      expect(jwt.headers.get('cache-control')).toBe('public, max-age=5');
      expect(jwt.headers.get('access-control-allow-origin')).toBe('*');
      const read = await verifyStatusListJwt(await jwt.text(), {
        ...expected,
        algs: ['ES256'],
        findKey: keys,
      });
      expect(read).toMatchObject({ ttl: 60 });
      expect([read.list.get(idx), read.list.get(listOf(kept).idx)]).toEqual([1, 0]);
      const cwt = await fetch(uri, { headers: { accept: 'application/statuslist+cwt' } });
      expect(cwt.headers.get('content-type')).toBe('application/statuslist+cwt');
      const bytes = new Uint8Array(await cwt.arrayBuffer());
      const same = await verifyStatusListCwt(bytes, { ...expected, findKey: keys });
      expect([same.list.get(idx), same.list.get(listOf(kept).idx)]).toEqual([1, 0]);
    });
    it('are the same bytes until something ends', async () => {
      const token = await ownToken();
      const { uri } = listOf(token);
      const first = await fetch(uri);
      const etag = first.headers.get('etag') ?? '';
      const again = await fetch(uri, { headers: { 'if-none-match': etag } });
      expect([again.status, await again.text()]).toEqual([304, '']);
      await revoke(server, token, app);
      await expect
        .poll(async () => (await fetch(uri, { headers: { 'if-none-match': etag } })).status)
        .toBe(200);
    });
    it('are all named at one address, which the metadata give', async () => {
      const { uri } = listOf(await ownToken());
      const metadata = (await (
        await fetch(`${server.base}/.well-known/oauth-authorization-server`)
      ).json()) as {
        status_list_aggregation_endpoint: string;
      };
      const all = (await (await fetch(metadata.status_list_aggregation_endpoint)).json()) as object;
      expect(all).toEqual({ status_lists: [uri] });
    });
  });

  describe('the stream', () => {
    const open = (headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response> =>
      fetch(`${server.base}/events`, { headers, ...(signal && { signal }) });
    const authorization = ({ id, secret = '' }: RegisteredClient): { authorization: string } => ({
      authorization: basic(id, secret),
    });
    it('is not for everyone', async () => {
      expect((await open({})).status).toBe(401);
      expect((await open({ authorization: basic(app.id, 'wrong') })).status).toBe(401);
      expect((await open({ authorization: `Bearer ${await ownToken()}` })).status).toBe(401);
      const unserving = await open(authorization(app));
      expect([unserving.status, await unserving.json()]).toMatchObject([
        400,
        { error: 'unauthorized_client' },
      ]);
      const publicClient = await fetch(`${server.base}/events`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: server.clients.publicWeb.id }),
      });
      expect(publicClient.status).toBe(401);
    });
    it('is not begun by a HEAD, for which nobody would read it', async () => {
      const client = await server.registerClient({ id: `header-${store}` });
      await server.registerResource({
        identifier: `https://head-${store}.example/`,
        resourceServers: [client.id],
      });
      const { status, headers } = await fetch(`${server.base}/events`, {
        method: 'HEAD',
        headers: authorization(client),
      });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    });
    it('holds no token and nothing of other APIs, and ends with its client', async () => {
      const client = await server.registerClient({ id: `listener-${store}` });
      await server.registerResource({
        identifier: `https://own-${store}.example/`,
        resourceServers: [client.id],
      });
      // What has no place yet is told to whoever begins, too.
      await headOf(server.tessera.store);
      const response = await open(authorization(client));
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      let text = '';
      const reading = (async () => {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('utf8');
      })();
      await expect.poll(() => text).toContain('event: live');
      const [foreign, own] = [await ownToken(), await ownToken(`https://own-${store}.example/`, app)];
      await revoke(server, foreign, app);
      await revoke(server, own, app);
      await expect.poll(() => text).toContain('event: ended');
      const messages = text.split('\n').filter((line) => line.startsWith('data: {"token"'));
      expect(messages).toHaveLength(1);
      expect(text).not.toContain(own);
      expect(text).not.toContain(String(decodeJwt(own)?.payload['jti']));
      const { clients } = server.tessera.store;
      const before = await clients.find(client.id);
      if (before === undefined) throw new Error('no client');
      const audit = { ...event, type: 'client.updated' } as const;
      await clients.update({ ...before, status: 'disabled', updatedAt: server.clock.now() }, audit);
      await reading;
      expect(text).toContain(`"client_id":"${client.id}"`);
    });
    it('is taken up where it broke off', async () => {
      // What has no place yet is told again to whoever comes back.
      await headOf(server.tessera.store);
      const abort = new AbortController();
      const headers = authorization(server.clients.musicServer);
      const first = await open(headers, abort.signal);
      let text = '';
      const reading = (async () => {
        for await (const chunk of first.body ?? []) text += Buffer.from(chunk).toString('utf8');
      })().catch(() => undefined);
      await expect.poll(() => text).toContain('event: live');
      abort.abort();
      await reading;
      const place =
        text
          .match(/^id: (\S+)$/gm)
          ?.at(-1)
          ?.slice(4) ?? '';
      for (let count = 0; count < 3; count += 1) await revoke(server, await ownToken(), app);
      const again = await open({ ...headers, 'last-event-id': place });
      let later = '';
      for await (const chunk of again.body ?? []) {
        later += Buffer.from(chunk).toString('utf8');
        if (later.includes('event: live')) break;
      }
      expect(later.match(/event: ended/g)).toHaveLength(3);
      expect(later).not.toContain('event: reset');
    });
  });
});

describe('revocation on two nodes of one PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres' });
    await server.addNode();
  });
  afterAll(() => server.close());

  it('reaches a verifier that listens to the other node', async () => {
    const { id, secret = '' } = server.clients.musicServer;
    const [, other = ''] = server.nodes;
    const line = createLine({ issuer: server.issuer, base: other });
    const verifier = createVerifier({
      issuer: server.issuer,
      audience: MUSIC,
      clientId: id,
      clientSecret: secret,
      fetch: line.fetch,
    });
    const token = async (): Promise<string> =>
      tokensOf(
        await requestToken(
          server,
          { grant_type: 'client_credentials', resource: MUSIC },
          server.clients.confidential,
        ),
      ).accessToken;
    const passes = async (each: string): Promise<boolean> =>
      verifier.verify(each).then(
        () => true,
        () => false,
      );
    const probe = await token();
    expect(await passes(probe)).toBe(true);
    await revoke(server, probe, server.clients.confidential);
    await expect.poll(() => passes(probe)).toBe(false);
    const tokens = await Promise.all(Array.from({ length: 10 }, token));
    for (const each of tokens) expect(await passes(each)).toBe(true);
    await Promise.all(tokens.map((each) => revoke(server, each, server.clients.confidential)));
    for (const each of tokens) await expect.poll(() => passes(each), { interval: 5 }).toBe(false);
    verifier.close();
  });
});
