// Identity assertions: a company's identity provider lets an app call an API for a person (ID-JAG, RFC 7523).
import { decodeJwt } from '@tessera/tokens';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JWT_BEARER_GRANT } from '../../packages/server/src/domain/client.ts';
import type { User } from '../../packages/server/src/domain/user.ts';
import { type ForeignIssuer, newJti, registerIssuer } from '../foreign-issuer.ts';
import { mutationsOf } from '../form-mutations.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type Answer, introspect, type Parameters as Sent, requestToken, tokensOf } from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const IDP = 'https://idp.acme.example';
const ID_JAG = 'oauth-id-jag+jwt';
const SCOPES = 'user-read-private playlist-read-private';

describe.each(STORES)('identity assertions on %s', (store) => {
  let server: TestServer;
  let idp: ForeignIssuer;
  let app: RegisteredClient;
  let other: RegisteredClient;
  let open: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    const grantTypes = [JWT_BEARER_GRANT] as const;
    app = await server.registerClient({ id: 'agent', grantTypes, redirectUris: [] });
    other = await server.registerClient({ id: 'other-agent', grantTypes, redirectUris: [] });
    open = await server.registerClient({
      id: 'open-agent',
      grantTypes,
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
    });
    const rule = { claims: {}, scopes: SCOPES.split(' '), resources: [MUSIC] };
    idp = await registerIssuer(server, {
      issuer: IDP,
      kind: 'identity_provider',
      emailDomains: ['example.test'],
      rules: [
        { ...rule, clientId: 'agent', claims: { tenant: 'acme' } },
        { ...rule, clientId: 'open-agent' },
      ],
    });
    await changePerson({ emailVerified: true });
  });
  afterAll(() => server?.close());

  async function changePerson(changes: Partial<User>, id = server.person.user.id): Promise<void> {
    const { users } = server.tessera.store;
    const user = await users.find(id);
    if (user === undefined) throw new Error('nobody');
    const audit = { id: 'evt_p', at: 0, type: 'user.updated', outcome: 'success', actor: 'x' } as const;
    await users.update({ ...user, ...changes, updatedAt: user.updatedAt + 1 }, audit);
  }
  const claimsNow = (): JWTPayload => {
    const now = Math.floor(server.clock.now() / 1000);
    return {
      iss: IDP,
      sub: 'ada-at-acme',
      aud: server.issuer,
      client_id: 'agent',
      resource: MUSIC,
      scope: SCOPES,
      tenant: 'acme',
      email: 'Ada@Example.test',
      email_verified: true,
      iat: now,
      exp: now + 300,
      jti: newJti(),
    };
  };
  const redeem = async (
    claims: JWTPayload = {},
    parameters: Sent = {},
    client = app,
    typ: string | undefined = ID_JAG,
  ): Promise<Answer> => {
    const header = typ === undefined ? {} : { typ };
    const assertion = await idp.sign({ ...claimsNow(), ...claims }, header);
    return requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion, ...parameters }, client);
  };
  const errorOf = async (...redemption: Parameters<typeof redeem>): Promise<unknown> =>
    (await redeem(...redemption)).body['error'];

  describe('before anybody is linked, refuses', () => {
    it.each<[string, JWTPayload]>([
      ['an address that is not verified', { email_verified: false }],
      ['an address said to be verified in words', { email_verified: 'true' }],
      ['no address', { email: undefined }],
      ['an address that is a list', { email: ['ada@example.test'] }],
      ['a domain that is not the provider’s', { email: 'ada@other.test' }],
      ['a domain that only ends alike', { email: 'ada@evil-example.test' }],
      ['an address in an address', { email: 'ada@example.test@other.test' }],
      ['nobody’s address', { email: 'nobody@example.test' }],
    ])('%s', async (_what, claims) => {
      expect(await errorOf(claims)).toBe('invalid_grant');
    });
    it('an address that the person never proved here', async () => {
      await changePerson({ emailVerified: false });
      expect(await errorOf()).toBe('invalid_grant');
      await changePerson({ emailVerified: true });
    });
  });

  it('gives a token for the person and the API, with the scopes that everybody agrees to, and no more', async () => {
    const answer = await redeem();
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: SCOPES,
    });
    const { accessToken } = tokensOf(answer);
    expect(decodeJwt(accessToken)?.payload).toMatchObject({
      aud: MUSIC,
      sub: server.person.user.id,
      client_id: 'agent',
    });
    const [linked] = await server.auditEvents('identity.linked');
    expect(linked).toMatchObject({ userId: server.person.user.id, detail: { issuer: IDP } });
    expect(JSON.stringify(linked)).not.toContain('ada@');
    const narrow = await redeem({ scope: 'user-read-private user-read-email' });
    expect(narrow.body['scope']).toBe('user-read-private');
    const asked = await redeem({}, { scope: 'playlist-read-private user-read-email', resource: MUSIC });
    expect(asked.body['scope']).toBe('playlist-read-private');
  });

  it('no change of any parameter or claim makes a token worth more, or breaks the server', async () => {
    const outcomeOf = ({ status, body }: Answer): string => {
      if (status >= 500) return 'the server broke';
      if (status !== 200) return 'refused';
      const { aud, sub, client_id: clientId } = decodeJwt(String(body['access_token']))?.payload ?? {};
      if (aud !== MUSIC || sub !== server.person.user.id || clientId !== 'agent') return 'got another token';
      const scopes = String(body['scope']).split(' ');
      const isMore = scopes.some((name) => !SCOPES.split(' ').includes(name));
      return isMore || Number(body['expires_in']) > 3600 || 'refresh_token' in body
        ? 'got more'
        : 'as before';
    };
    const outcomes = [`${outcomeOf(await redeem())}: unchanged`];
    const form = {
      grant_type: JWT_BEARER_GRANT,
      assertion: 'ours',
      resource: MUSIC,
      scope: 'user-read-private',
    };
    for (const [name, { assertion, ...changed }] of mutationsOf(form)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure names its change
      const fresh = await idp.sign(claimsNow(), { typ: ID_JAG });
      const sent = assertion === 'ours' ? fresh : Array.isArray(assertion) ? [fresh, fresh] : assertion;
      // oxlint-disable-next-line no-await-in-loop -- as above
      outcomes.push(
        `${outcomeOf(await requestToken(server, { ...changed, assertion: sent }, app))}: ${name}`,
      );
    }
    const values = [
      '',
      ' ',
      'x',
      0,
      -1,
      1e300,
      true,
      null,
      [],
      {},
      ['x'],
      { x: 1 },
      'a'.repeat(5000),
      '\0',
      '__proto__',
    ];
    for (const claim of Object.keys(claimsNow())) {
      for (const value of [undefined, ...values]) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        const outcome = outcomeOf(await redeem({ [claim]: value }));
        outcomes.push(`${outcome}: claim ${claim} = ${JSON.stringify(value)?.slice(0, 30)}`);
      }
    }
    expect(outcomes[0]).toBe('as before: unchanged');
    expect(outcomes.filter((each) => !/^(refused|as before):/.test(each))).toEqual([]);
    for (const name of [
      'grant_type',
      'assertion',
      'claim iss',
      'claim aud',
      'claim client_id',
      'claim exp',
      'claim tenant',
    ]) {
      const taken = outcomes.filter((each) => each.includes(`: ${name} `) && !each.startsWith('refused'));
      expect([name, taken]).toEqual([name, []]);
    }
  });

  it('ends with its grant', async () => {
    const { accessToken } = tokensOf(await redeem());
    const { grants } = server.tessera.store;
    const { items } = await grants.list({ clientId: 'agent' }, { limit: 1 });
    const audit = { id: 'evt_g', at: 0, type: 'grant.ended', outcome: 'success', actor: 'x' } as const;
    await grants.end(items[0]?.id ?? '', 'revoked_by_admin', server.clock.now(), audit);
    expect((await introspect(server, accessToken)).body['active']).toBe(false);
  });

  it('knows the person by the subject from then on, whatever the address says', async () => {
    const eve = await server.registerPerson({ email: 'eve@example.test' });
    await changePerson({ emailVerified: true }, eve.user.id);
    const { accessToken } = tokensOf(await redeem({ email: 'eve@example.test' }));
    expect((await introspect(server, accessToken)).body['sub']).toBe(server.person.user.id);
    expect((await redeem({ email: undefined as never })).status).toBe(200);
  });

  describe('refuses', () => {
    it.each<[string, JWTPayload, string]>([
      ['RFC 7523 §3: another audience', { aud: 'https://other.example' }, 'invalid_grant'],
      ['the token endpoint as audience', { aud: 'TOKEN' }, 'invalid_grant'],
      ['two audiences', { aud: ['TOKEN', 'ISSUER'] }, 'invalid_grant'],
      ['another client', { client_id: 'other-agent' }, 'invalid_grant'],
      ['no client', { client_id: undefined }, 'invalid_grant'],
      ['another tenant than the rule', { tenant: 'other' }, 'invalid_grant'],
      ['no tenant', { tenant: undefined }, 'invalid_grant'],
      ['no API', { resource: undefined }, 'invalid_grant'],
      ['two APIs', { resource: [MUSIC, OPAQUE] }, 'invalid_grant'],
      ['an API that the rule does not name', { resource: OPAQUE }, 'invalid_target'],
      ['an unknown API', { resource: 'https://unknown.example/' }, 'invalid_target'],
      ["Tessera's own API", { resource: 'urn:tessera:api' }, 'invalid_target'],
      ['no scope', { scope: undefined }, 'invalid_scope'],
      ['scopes in a list', { scope: SCOPES.split(' ') }, 'invalid_scope'],
      ['scopes of others only', { scope: 'user-read-email' }, 'invalid_scope'],
      ['an identity', { scope: 'openid profile' }, 'invalid_scope'],
      ['no jti', { jti: undefined as never }, 'invalid_grant'],
      ['no subject', { sub: undefined as never }, 'invalid_grant'],
      ['no iat', { iat: undefined as never }, 'invalid_grant'],
      ['no exp', { exp: undefined as never }, 'invalid_grant'],
    ])('%s', async (_what, claims, error) => {
      const named = (one: unknown): unknown =>
        one === 'TOKEN' ? `${server.issuer}/api/token` : one === 'ISSUER' ? server.issuer : one;
      const aud = claims.aud;
      const meant = Array.isArray(aud) ? aud.map(named) : named(aud);
      expect(await errorOf({ ...claims, ...(aud === undefined ? {} : { aud: meant as string }) })).toBe(
        error,
      );
    });
    it.each(['JWT', 'at+jwt', undefined])('the type %s', async (typ) => {
      const assertion = await idp.sign(claimsNow(), typ === undefined ? {} : { typ });
      const answer = await requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion }, app);
      expect(answer.body['error']).toBe('invalid_grant');
    });
    it('another API in the request than in the assertion', async () => {
      expect(await errorOf({}, { resource: OPAQUE })).toBe('invalid_target');
    });
    it('a client that did not authenticate, one that cannot, and one without a rule', async () => {
      expect((await redeem({}, {}, { ...app, secret: 'wrong' })).status).toBe(401);
      expect((await redeem({}, {}, { ...app, secret: undefined })).status).toBe(401);
      const assertion = await idp.sign(claimsNow(), { typ: ID_JAG });
      const anonymous = await requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion });
      expect([anonymous.status, anonymous.body['error']]).toEqual([401, 'invalid_client']);
      expect(await errorOf({ client_id: 'open-agent' }, {}, open)).toBe('unauthorized_client');
      expect(await errorOf({ client_id: 'other-agent' }, {}, other)).toBe('invalid_grant');
      expect(await errorOf({}, {}, server.clients.confidential)).toBe('unauthorized_client');
    });
    it('an assertion that was used, one of 32 at once excepted', async () => {
      const assertion = await idp.sign(claimsNow(), { typ: ID_JAG });
      const parameters = { grant_type: JWT_BEARER_GRANT, assertion };
      const answers = await Promise.all(
        Array.from({ length: 32 }, () => requestToken(server, parameters, app)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await requestToken(server, parameters, app)).body['error']).toBe('invalid_grant');
    });
    it('CVE-2026-1609: a disabled person, and CVE-2026-1486: a disabled provider', async () => {
      await changePerson({ status: 'disabled' });
      expect(await errorOf()).toBe('invalid_grant');
      await changePerson({ status: 'active' });
      await idp.change({ status: 'disabled' });
      expect(await errorOf()).toBe('invalid_grant');
      await idp.change({ status: 'active' });
      expect((await redeem()).status).toBe(200);
    });
  });

  it('32 first assertions of one subject link one person once', async () => {
    const late = await server.registerPerson({ email: 'late@example.test' });
    await changePerson({ emailVerified: true }, late.user.id);
    const before = (await server.auditEvents('identity.linked')).length;
    const answers = await Promise.all(
      Array.from({ length: 32 }, () => redeem({ sub: 'late', email: 'late@example.test' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await server.auditEvents('identity.linked')).length).toBe(before + 1);
  });

  it('says in its metadata that it takes them, and writes none of it to the log', async () => {
    const metadata: unknown = await (
      await fetch(`${server.base}/.well-known/oauth-authorization-server`)
    ).json();
    expect(metadata).toMatchObject({
      authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
      grant_types_supported: expect.arrayContaining([JWT_BEARER_GRANT]),
    });
    const assertion = await idp.sign(claimsNow(), { typ: ID_JAG });
    await requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion }, app);
    await requestToken(server, {}, app, { path: `/api/token?assertion=${assertion}` });
    const lines = server.log.join('\n');
    expect(lines).not.toContain(assertion.slice(-40));
    expect(lines).not.toContain('ada-at-acme');
  });
});
