// Workload identity: a program trades the JWT of its platform for an access token (RFC 7523, TK-29).
import { decodeJwt } from '@tessera/tokens';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JWT_BEARER_GRANT } from '../../packages/server/src/domain/client.ts';
import { type ForeignIssuer, newJti, registerIssuer } from '../foreign-issuer.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type Answer, introspect, type Parameters, requestToken, tokensOf } from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const CI = 'https://ci.example';
const DEPLOY = 'https://deploy.example/';

/** Where a platform publishes its keys. */
let published: Server;
let publishedKeys: readonly unknown[] = [];
let askedForKeys = 0;

beforeAll(async () => {
  published = createServer((_request, response) => {
    askedForKeys++;
    response
      .setHeader('content-type', 'application/jwk-set+json')
      .end(JSON.stringify({ keys: publishedKeys }));
  });
  published.listen(0, '127.0.0.1');
  await once(published, 'listening');
});
afterAll(() => void published.close());

describe.each(STORES)('workload identity on %s', (store) => {
  let server: TestServer;
  let ci: ForeignIssuer;
  let deployer: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { outbound_allow_hosts: ['127.0.0.1'] } });
    deployer = await server.registerClient({
      id: 'deployer',
      tokenEndpointAuthMethod: 'none',
      grantTypes: [JWT_BEARER_GRANT],
      redirectUris: [],
    });
    await server.registerClient({ id: 'reader', grantTypes: [JWT_BEARER_GRANT], redirectUris: [] });
    await server.registerResource({ identifier: DEPLOY, resourceServers: ['music-server'] });
    const claims = { repository: 'acme/player', sub: 'repo:acme/player:ref:refs/heads/*' };
    ci = await registerIssuer(server, {
      issuer: CI,
      kind: 'workload',
      rules: [
        { claims, clientId: 'deployer', scopes: ['read', 'write'], resources: [DEPLOY] },
        {
          claims: { '/kubernetes.io/namespace': 'music' },
          clientId: 'reader',
          scopes: ['read', 'user-read-private'],
          resources: [DEPLOY, MUSIC],
        },
      ],
    });
  });
  afterAll(() => server?.close());

  const claimsNow = (): JWTPayload => {
    const now = Math.floor(server.clock.now() / 1000);
    return {
      iss: CI,
      sub: 'repo:acme/player:ref:refs/heads/main',
      repository: 'acme/player',
      aud: `${server.issuer}/api/token`,
      iat: now,
      exp: now + 300,
      jti: newJti(),
    };
  };
  const without = (name: string): JWTPayload => {
    const { [name]: _gone, ...rest } = claimsNow();
    return rest;
  };
  const trade = (
    assertion: string,
    more: Parameters = {},
    client?: RegisteredClient,
    base = server.base,
  ): Promise<Answer> =>
    requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion, ...more }, client, { base });

  it('a job gets a token without a client id, a registration or a secret', async () => {
    const answer = await trade(await ci.sign(claimsNow(), { typ: 'JWT' }), { scope: 'write' });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'write',
    });
    const { accessToken } = tokensOf(answer);
    expect(decodeJwt(accessToken)?.payload).toMatchObject({
      aud: DEPLOY,
      sub: 'deployer',
      client_id: 'deployer',
    });
    const said = await introspect(server, accessToken);
    expect(said.body).toMatchObject({ active: true, sub: 'deployer' });
    const [event] = await server.auditEvents('assertion.accepted');
    expect(event?.detail).toEqual({ issuer: CI, subject: 'repo:acme/player:ref:refs/heads/main' });
  });

  it('its keys are fetched from jwks_uri, kept, and fetched again for a key nobody knows', async () => {
    const issuer = 'https://published.example';
    const [first, second] = await Promise.all(
      ['1', '2'].map(async (kid) => {
        const { publicKey, privateKey } = await generateKeyPair('ES256');
        const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
        const sign = (): Promise<string> =>
          new SignJWT({ ...claimsNow(), iss: issuer })
            .setProtectedHeader({ alg: 'ES256', kid })
            .sign(privateKey);
        return { jwk, sign };
      }),
    );
    if (first === undefined || second === undefined) throw new Error('no keys');
    const { port } = published.address() as AddressInfo;
    const { trusted } = ci;
    const { jwks: _none, ...rest } = trusted;
    const audit = {
      id: 'evt_p',
      at: 0,
      type: 'trusted_issuer.created',
      outcome: 'success',
      actor: 'system',
    } as const;
    await server.tessera.store.trustedIssuers.create(
      { ...rest, id: 'tri_published', issuer, jwksUri: `http://127.0.0.1:${port}/keys` },
      audit,
    );
    askedForKeys = 0;
    publishedKeys = [first.jwk];
    expect((await trade(await first.sign())).status).toBe(200);
    expect((await trade(await first.sign())).status).toBe(200);
    expect(askedForKeys).toBe(1);
    expect((await trade(await second.sign())).body['error']).toBe('invalid_grant');
    publishedKeys = [second.jwk];
    server.clock.advance(10 * 60_000);
    expect((await trade(await second.sign())).status).toBe(200);
    expect((await trade(await first.sign())).body['error']).toBe('invalid_grant');
    server.clock.reset();
  });

  it('takes an issuer that signs with RS256, which everybody has (RFC 7523 §5)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const issuer = 'https://rsa.example';
    await registerIssuer(server, {
      issuer,
      kind: 'workload',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' }] },
      rules: [{ claims: { '/sub': 'job' }, clientId: 'deployer', scopes: ['read'], resources: [DEPLOY] }],
    });
    const jwt = new SignJWT({ ...claimsNow(), iss: issuer, sub: 'job' });
    const assertion = await jwt.setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(privateKey);
    expect((await trade(assertion)).status).toBe(200);
  });

  it('as Kubernetes writes it: no typ, aud in a list, the namespace inside of a claim', async () => {
    const claims = {
      ...claimsNow(),
      aud: [`${server.issuer}/api/token`],
      sub: 'system:serviceaccount:music:indexer',
      'kubernetes.io': { namespace: 'music' },
    };
    const parameters = { resource: MUSIC, scope: 'user-read-private' };
    const answer = await trade(await ci.sign(claims), parameters);
    expect(decodeJwt(tokensOf(answer).accessToken)?.payload).toMatchObject({ aud: MUSIC, sub: 'reader' });
  });

  it('may say which client it is, if it is that one', async () => {
    expect((await trade(await ci.sign(claimsNow()), {}, deployer)).status).toBe(200);
    const other = await server.registerClient({
      id: 'other-job',
      grantTypes: [JWT_BEARER_GRANT],
      redirectUris: [],
    });
    expect((await trade(await ci.sign(claimsNow()), {}, other)).body['error']).toBe('invalid_grant');
  });

  describe('TK-29: refuses', () => {
    it('RFC 9396 §5: details, about which nobody is asked', async () => {
      const details = { authorization_details: '[{"type":"playlist"}]' };
      const answer = await trade(await ci.sign(claimsNow()), details);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_authorization_details']);
    });
    const refusal = async (
      claims: JWTPayload,
      header: Readonly<Record<string, unknown>> = {},
    ): Promise<unknown> => (await trade(await ci.sign(claims, header))).body['error'];

    it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'repository'])('a JWT without %s', async (name) => {
      expect(await refusal(without(name))).toBe('invalid_grant');
    });
    it.each<[string, JWTPayload]>([
      ['another issuer', { iss: 'https://other.example' }],
      ['the issuer with a slash', { iss: `${CI}/` }],
      ['another repository', { repository: 'acme/other' }],
      ['another branch form', { sub: 'repo:acme/player:pull_request' }],
      ['a repository in a list', { repository: ['acme/player'] as never }],
      ['a repository that only begins alike', { repository: 'acme/player-fork' }],
      ['no audience at all', { aud: [] }],
      ['another audience', { aud: 'https://other.example' }],
      ['another audience besides', { aud: ['https://other.example', 'TOKEN'] }],
      ['a subject that is no text', { sub: 7 as never }],
      ['an empty jti', { jti: '' }],
      ['a jti that is no text', { jti: 7 as never }],
      ['an endless jti', { jti: 'x'.repeat(513) }],
      ['an exp that is no number', { exp: '9999999999' as never }],
      ['an exp of ages', { exp: 99_999_999_999 }],
      ['an iat that is no number', { iat: 'now' as never }],
      ['an nbf that is no number', { nbf: 'now' as never }],
    ])('%s', async (_what, claims) => {
      const aud = JSON.stringify(claims.aud)?.includes('TOKEN')
        ? { aud: ['https://other.example', `${server.issuer}/api/token`] }
        : {};
      expect(await refusal({ ...claimsNow(), ...claims, ...aud })).toBe('invalid_grant');
    });
    it('one that has expired, has not begun, or lives too long', async () => {
      const now = Math.floor(server.clock.now() / 1000);
      const times = [
        { iat: now - 300, exp: now },
        { iat: now + 60, exp: now + 120 },
        { nbf: now + 60 },
        { iat: now, exp: now + 601 },
        { iat: now - 3000, exp: now + 60 },
      ];
      for (const time of times) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await refusal({ ...claimsNow(), ...time })).toBe('invalid_grant');
      }
    });
    it.each(['at+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'secevent+jwt', 7])(
      'a JWT of the type %s',
      async (typ) => {
        expect(await refusal(claimsNow(), { typ })).toBe('invalid_grant');
      },
    );
    it('the audience of an ID-JAG: a token endpoint is not an issuer', async () => {
      expect(await refusal({ ...claimsNow(), aud: server.issuer })).toBe('invalid_grant');
    });
    it('one that somebody else signed, that nobody signed, and what is no JWT', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256');
      const header = { alg: 'ES256', kid: 'key-1', jwk: await exportJWK(publicKey) };
      const forged = await new SignJWT(claimsNow()).setProtectedHeader(header).sign(privateKey);
      const symmetric = await new SignJWT(claimsNow())
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
        .sign(Buffer.alloc(32));
      const unsigned = new UnsecuredJWT(claimsNow()).encode();
      const unknownKey = await ci.sign(claimsNow(), { kid: 'key-2' });
      for (const assertion of [forged, symmetric, unsigned, unknownKey, 'x', 'a.b.c', 'tsr_ac_x']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await trade(assertion);
        expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_grant']);
        expect(answer.text).not.toContain(assertion.slice(0, 40) || 'x'.repeat(99));
      }
      expect((await requestToken(server, { grant_type: JWT_BEARER_GRANT })).body['error']).toBe(
        'invalid_request',
      );
    });
    it('the same JWT again, also 32 times at once and on another node', async () => {
      const assertion = await ci.sign(claimsNow());
      const nodes = [server.base, store === 'postgres' ? await server.addNode() : server.base];
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, index) => trade(assertion, {}, undefined, nodes[index % 2])),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await trade(assertion)).body).toMatchObject({ error: 'invalid_grant' });
    });
    it('the same jti in another JWT; a refusal does not use it up', async () => {
      const jti = newJti();
      expect((await trade(await ci.sign({ ...claimsNow(), jti }), { scope: 'unknown' })).body['error']).toBe(
        'invalid_scope',
      );
      expect((await trade(await ci.sign({ ...claimsNow(), jti }))).status).toBe(200);
      expect((await trade(await ci.sign({ ...claimsNow(), jti, extra: 1 }))).body['error']).toBe(
        'invalid_grant',
      );
    });
    it('a disabled issuer, and trusts it again when it is not', async () => {
      await ci.change({ status: 'disabled' });
      expect(await refusal(claimsNow())).toBe('invalid_grant');
      await ci.change({ status: 'active' });
      expect((await trade(await ci.sign(claimsNow()))).status).toBe(200);
    });
    it('an API or a scope that the rule does not name', async () => {
      const sign = (): Promise<string> => ci.sign(claimsNow());
      for (const [parameters, error] of [
        [{ resource: MUSIC }, 'invalid_target'],
        [{ resource: 'https://unknown.example/' }, 'invalid_target'],
        [{ resource: server.issuer }, 'invalid_target'],
        [{ resource: [DEPLOY, MUSIC] }, 'invalid_target'],
        [{ scope: 'read admin' }, 'invalid_scope'],
        [{ scope: 'openid' }, 'invalid_scope'],
        [{ assertion: ['x', 'y'] }, 'invalid_request'],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await trade(await sign(), parameters)).body['error']).toBe(error);
      }
      const claims = { ...claimsNow(), 'kubernetes.io': { namespace: 'music' }, repository: 'x' };
      expect((await trade(await ci.sign(claims))).body['error']).toBe('invalid_target');
      const opaque = { ...claims, jti: newJti() };
      expect((await trade(await ci.sign(opaque), { resource: OPAQUE })).body['error']).toBe('invalid_target');
    });
    it('a client that is disabled, gone, or made after the rule', async () => {
      const { clients } = server.tessera.store;
      const audit = { id: 'evt_w', at: 0, type: 'client.updated', outcome: 'success', actor: 'x' } as const;
      const client = await clients.find('deployer');
      if (client === undefined) throw new Error('no client');
      await clients.update({ ...client, status: 'disabled', updatedAt: client.updatedAt + 1 }, audit);
      expect(await refusal(claimsNow())).toBe('invalid_grant');
      await clients.delete('deployer', { ...audit, type: 'client.deleted' });
      expect(await refusal(claimsNow())).toBe('invalid_grant');
      server.clock.advance(10_000);
      await server.registerClient({ id: 'deployer', grantTypes: [JWT_BEARER_GRANT], redirectUris: [] });
      expect(await refusal(claimsNow())).toBe('invalid_grant');
      await ci.change({ updatedAt: server.clock.now() });
    });
  });

  it('each claim and each parameter broken in every way: never more, never a failure of ours', async () => {
    const whole = claimsNow();
    expect((await trade(await ci.sign(whole))).status).toBe(200);
    const junk: readonly unknown[] = [
      null,
      '',
      0,
      -1,
      true,
      [],
      {},
      [''],
      'x'.repeat(20_000),
      1e308,
      ['*'],
      '*',
    ];
    for (const name of Object.keys(whole)) {
      for (const value of junk) {
        const claims = { ...claimsNow(), [name]: value };
        // oxlint-disable-next-line no-await-in-loop -- one after the other keeps it gentle
        const answer = await trade(await ci.sign(claims));
        // Any text that was not used before is a jti.
        const status = name === 'jti' && value === '*' ? 200 : 400;
        expect([name, value, answer.status]).toEqual([name, value, status]);
      }
    }
    const assertion = await ci.sign(claimsNow());
    for (const parameters of [
      { assertion: '' },
      { grant_type: '' },
      { scope: '\u0000' },
      { resource: '\u0000' },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const answer = await trade(assertion, parameters);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });
});
