/** Keys that sign: every algorithm, made on demand, and taken back with everything that they signed. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SealingKey } from '@tessera/tokens';
import { type AccessToken, createVerifier, TokenError, type Verifier } from '@tessera/verifier';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rewrap } from '../../packages/server/src/assembly/rewrap.ts';
import { hintedSubject } from '../../packages/server/src/protocol/authorization/id-token-hint.ts';
import { openBeside } from '../../packages/server/src/store/sealed/beside.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { startNode, startTestServer, STORES, type TestServer } from '../harness.ts';
import { createMovableClock } from '../movable-clock.ts';
import { startPostgres } from '../postgres.ts';
import { registerClient } from '../registrations.ts';

const ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
const apiOf = (alg: string): string => `https://signed-with-${alg.toLowerCase()}.example/`;

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let verifier: Verifier;
  let admin: string;
  let app: { id: string; secret: string | undefined };

  beforeAll(async () => {
    server = await startTestServer({ store });
    upstream = await startUpstream();
    const checker = await server.registerClient({ id: 'gateway', grantTypes: [] });
    app = await server.registerClient({ id: 'caller' });
    admin = await adminToken(server);
    for (const signingAlg of ALGS) {
      // oxlint-disable-next-line no-await-in-loop -- four
      await server.registerResource({
        identifier: apiOf(signingAlg),
        signingAlg,
        resourceServers: [checker.id],
      });
    }
    const url = server.issuer;
    gateway = await startGateway({
      issuers: { main: { url, client_id: checker.id, client_secret: checker.secret } },
      routes: Object.fromEntries(
        ALGS.map((alg) => [
          alg.toLowerCase(),
          {
            path: `/${alg}`,
            upstream: upstream.url,
            verify_access_token: { audience: apiOf(alg), scopes_all: ['read'] },
          },
        ]),
      ),
    });
    verifier = createVerifier({
      issuer: url,
      audience: apiOf('ES256'),
      clientId: checker.id,
      clientSecret: checker.secret ?? '',
    });
  });
  afterAll(async () => {
    verifier?.close();
    await gateway?.close();
    await upstream?.close();
    await server?.close();
  });

  async function newToken(alg: string): Promise<string> {
    const answer = await fetch(`${server.base}/api/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${app.id}:${app.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: apiOf(alg), scope: 'read' }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
  const kidOf = (token: string): string => {
    const [head = ''] = token.split('.');
    return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid;
  };
  const atGateway = async (alg: string, token: string): Promise<number> =>
    (await fetch(`${gateway.url}/${alg}`, { headers: { authorization: `Bearer ${token}` } })).status;
  const verified = (token: string): Promise<AccessToken | string> =>
    verifier.verify(token).catch((error: unknown) => (error instanceof TokenError ? error.code : 'other'));
  const publishedKids = async (): Promise<string[]> => {
    const answer = await fetch(`${server.base}/.well-known/jwks.json`);
    return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };

  it.each(ALGS)(
    'signs with %s where the API says so, by a key that is made when it is needed',
    async (alg) => {
      const token = await newToken(alg);
      const keys = createRemoteJWKSet(new URL(`${server.base}/.well-known/jwks.json`));
      const { protectedHeader } = await jwtVerify(token, keys, { audience: apiOf(alg), algorithms: [alg] });
      expect(protectedHeader.alg).toBe(alg);
      expect(await atGateway(alg, token)).toBe(200);
    },
  );

  it('makes one key of an algorithm, however many ask for the first one at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => newToken('EdDSA')));
    const { body } = await callApi(server, admin, 'GET', '/admin/v1/keys');
    const items = body['items'] as { alg: string }[];
    expect(items.map(({ alg }) => alg).toSorted()).toEqual([...ALGS].toSorted());
  });

  it('a key that is taken back signs nothing any more, and what it signed is refused everywhere', async () => {
    const token = await newToken('ES256');
    const kid = kidOf(token);
    expect([await atGateway('ES256', token), typeof (await verified(token))]).toEqual([200, 'object']);
    const answer = await callApi(server, admin, 'POST', `/admin/v1/keys/${kid}/revoke`);
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ alg: 'ES256', state: 'active' }),
    ]);
    expect(answer.body['kid']).not.toBe(kid);
    expect(await publishedKids()).not.toContain(kid);
    await expect.poll(() => atGateway('ES256', token), { interval: 20 }).toBe(401);
    await expect.poll(() => verified(token), { interval: 20 }).toBe('unknown_key');
    // The next token passes at once, at the very APIs that have just heard.
    const next = await newToken('ES256');
    expect(kidOf(next)).toBe(answer.body['kid']);
    expect([await atGateway('ES256', next), typeof (await verified(next))]).toEqual([200, 'object']);
    expect(await server.auditEvents('key.revoked')).toMatchObject([{ outcome: 'success', detail: { kid } }]);
  });

  it('whoever begins to listen later hears of it, too', async () => {
    const token = await newToken('PS256');
    await callApi(server, admin, 'POST', `/admin/v1/keys/${kidOf(token)}/revoke`);
    const { endings } = server.tessera.store;
    expect(await endings.unlisted(server.clock.now())).toContainEqual(
      expect.objectContaining({ kind: 'key', kid: kidOf(token) }),
    );
  });

  it.runIf(store === 'postgres')('other nodes take it back, and sign with another', async () => {
    const other = await server.addNode();
    const kidsOf = async (): Promise<string> => (await fetch(`${other}/.well-known/jwks.json`)).text();
    const kid = kidOf(await newToken('EdDSA'));
    expect(await kidsOf()).toContain(kid);
    const answer = await callApi(server, admin, 'POST', `/admin/v1/keys/${kid}/revoke`);
    await expect.poll(kidsOf, { interval: 20 }).not.toContain(kid);
    expect(await kidsOf()).toContain(answer.body['kid']);
  });

  it('an ID token that it signed is no hint any more', async () => {
    const { keyRing } = server.tessera;
    const [key] = (await keyRing.list()).filter(({ alg }) => alg === 'RS256');
    const idToken = keyRing.sign('RS256', 'JWT', {
      iss: server.issuer,
      aud: app.id,
      sub: 'somebody',
      iat: 1,
      exp: 2,
    });
    const hinted = (): string | undefined => hintedSubject(idToken, server.issuer, keyRing);
    expect(hinted()).toBe('somebody');
    await callApi(server, admin, 'POST', `/admin/v1/keys/${key?.kid}/revoke`);
    expect(hinted()).toBe('unknown');
  });

  it('two that are taken back at once leave one that signs', async () => {
    const rotated = await callApi(server, admin, 'POST', '/admin/v1/keys/rotate', { alg: 'RS256' });
    const { body } = await callApi(server, admin, 'GET', '/admin/v1/keys');
    const kids = (body['items'] as { kid: string; alg: string }[]).filter(({ alg }) => alg === 'RS256');
    expect(kids.map(({ kid }) => kid)).toContain(rotated.body['kid']);
    const answers = await Promise.all(
      kids.map(({ kid }) => callApi(server, admin, 'POST', `/admin/v1/keys/${kid}/revoke`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const signing = kidOf(await newToken('RS256'));
    expect(kids.map(({ kid }) => kid)).not.toContain(signing);
    expect(await publishedKids()).toContain(signing);
  });

  it('a key that is not published cannot be taken back', async () => {
    const answer = await callApi(server, admin, 'POST', '/admin/v1/keys/unknown/revoke');
    expect(answer.status).toBe(404);
  });

  it('an opaque token stays good', async () => {
    expect((await callApi(server, admin, 'GET', '/admin/v1/keys')).status).toBe(200);
  });
});

describe.each(STORES)('another master key on %s', (store) => {
  it('takes the place of the one that was while a server works', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tessera-master-key-'));
    const postgres = store === 'postgres' ? await startPostgres() : undefined;
    const url = (await postgres?.createDatabase()) ?? `sqlite:${join(directory, 'tessera.db')}`;
    const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
    const start = (masterKey: SealingKey) =>
      startNode({ store, url, clock: createMovableClock(), log: [], masterKey });
    try {
      let node = await start(oldKey);
      const app = await registerClient(node.tessera, { id: 'worker' });
      const newToken = async (): Promise<number> => {
        const { status } = await fetch(`${node.base}/api/token`, {
          method: 'POST',
          headers: { authorization: `Basic ${Buffer.from(`${app.id}:${app.secret}`).toString('base64')}` },
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        });
        return status;
      };
      const keysOf = async (): Promise<string> => (await fetch(`${node.base}/.well-known/jwks.json`)).text();
      const verify = async (): Promise<Readonly<Record<string, unknown>>> => {
        const server = { ...node, tessera: node.tessera } as unknown as TestServer;
        return (await callApi(server, await adminToken(server), 'POST', '/admin/v1/audit-events/verify', {}))
          .body;
      };
      await expect.poll(async () => (await verify())['anchors']).toBe(1);
      const published = await keysOf();
      await node.close();

      // Both open, the new one seals: the next key is made with it.
      node = await start([newKey, oldKey]);
      expect([await newToken(), await keysOf()]).toEqual([200, published]);
      const beside = await openBeside(url);
      const answers = Promise.all(Array.from({ length: 30 }, () => newToken()));
      const done = await rewrap({ beside, oldKey, newKey, random: randomBytes });
      expect([done.sealed > 3, done.unreadable]).toEqual([true, []]);
      expect(new Set(await answers)).toEqual(new Set([200]));
      expect((await rewrap({ beside, oldKey, newKey, random: randomBytes })).sealed).toBe(0);
      await beside.close();
      await node.close();

      // What was anchored with the old key is as good as before; nothing opens with it any more.
      node = await start(newKey);
      expect([await newToken(), await keysOf()]).toEqual([200, published]);
      expect(await verify()).toMatchObject({ anchors: 1, findings: [] });
      await node.close();
      await expect(start(oldKey)).rejects.toMatchObject({ name: 'WrongMasterKey' });
    } finally {
      await postgres?.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
