// Access policies that want a person to agree anew, a token bound to a key, or a membership: refused until that is so.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { clientCertHeader, type Identity, selfSigned } from '../certificates.ts';
import { createDpopKey, type DpopKey } from '../dpop-key.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { hasForm, type Visit } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  type CallOptions,
  createPkce,
  exchange,
  finish,
  introspect,
  obtainTokens,
  type Parameters,
  postForm,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, type Person } from '../registrations.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials', resource: MUSIC };

describe.each(STORES)('policies about consent, binding and memberships on %s', (store) => {
  let server: TestServer;
  let admin: string;
  let person: Person;
  let key: DpopKey;
  let certificate: Identity;
  const made: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({
      store,
      config: { client_cert_header: true, trusted_proxies: ['127.0.0.1', '::1'] },
    });
    admin = await adminToken(server);
    person = await server.registerPerson({ email: 'asked@example.test' });
    key = await createDpopKey();
    certificate = await selfSigned({ subject: 'CN=own' });
    await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
      tokenEndpointAuthMethod: 'none',
    });
    await server.registerClient({
      id: 'own',
      tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
      metadata: { jwks: { keys: [certificate.jwk] }, tls_client_certificate_bound_access_tokens: true },
    });
  });
  afterAll(() => server?.close());
  afterEach(async () => {
    await Promise.all(
      made.splice(0).map((id) => callApi(server, admin, 'DELETE', `/admin/v1/policies/${id}`)),
    );
    // Beyond what tokens of the second of a change are mistaken for.
    server.clock.advance(5000);
  });

  const make = async (policy: object): Promise<void> => {
    const body = { name: 'A policy', server_wide: true, ...policy };
    const answer = await callApi(server, admin, 'POST', '/admin/v1/policies', body);
    if (answer.status !== 201) throw new Error(answer.text);
    made.push(String(answer.body['id']));
  };
  const proven = async (at = '/api/token'): Promise<CallOptions> => ({
    headers: { dpop: await key.proof({ url: `${server.issuer}${at}`, at: server.clock.now() }) },
  });
  const certified = (): CallOptions => ({ headers: { 'client-cert': clientCertHeader(certificate) } });
  const ask = (options?: CallOptions): Promise<Answer> =>
    requestToken(server, CLIENT_CREDENTIALS, server.clients.confidential, options);
  const askAsOwn = (options: CallOptions): Promise<Answer> =>
    postForm(server, '/api/token', { client_id: 'own', ...CLIENT_CREDENTIALS }, undefined, options);

  describe('require_consent', () => {
    const parameters = { resource: MUSIC, scope: 'openid user-read-email' };
    const authorize = (more: Parameters = {}): string =>
      authorizeUrl(server, server.clients.confidential, createPkce(), { ...parameters, ...more });
    const isConsent = ({ url, page }: Visit): boolean =>
      new URL(url).pathname === '/consent' && hasForm(page, 'form_token');

    it('refuses a refresh under a consent from before, and asks the person also where it is remembered', async () => {
      const { confidential } = server.clients;
      const browser = server.newBrowser();
      const before = await obtainTokens(server, browser, { person, parameters });
      expect((await browser.get(authorize())).leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
      server.clock.advance(5000);
      await make({
        conditions: { user: { any_of: [person.user.id] } },
        outcome: { kind: 'require_consent' },
      });
      expect((await introspect(server, before.accessToken)).body).toMatchObject({ active: false });
      const refused = await refresh(server, before.refreshToken, confidential);
      expect([refused.status, refused.body['error']]).toEqual([400, 'consent_required']);
      expect(refused.text).not.toContain('pol_');
      const silent = await browser.get(authorize({ prompt: 'none' }));
      expect(silent.leftFor?.searchParams.get('error')).toBe('consent_required');
      const denied = await browser.get(authorize());
      expect(isConsent(denied)).toBe(true);
      const answer = await browser.submit(denied, {}, 'deny');
      expect(answer.leftFor?.searchParams.get('error')).toBe('access_denied');
      const agreed = await signInAndConsent(server, browser, { person, parameters });
      const after = tokensOf(await exchange(server, agreed));
      expect((await introspect(server, after.accessToken)).body).toMatchObject({ active: true });
      expect((await refresh(server, after.refreshToken, confidential)).status).toBe(200);
      // Each time; and what was allowed before the policy stays refused.
      expect(isConsent(await browser.get(authorize()))).toBe(true);
      expect((await refresh(server, before.refreshToken, confidential)).status).toBe(400);
      const [event] = await server.auditEvents('policy.refused');
      expect(event).toMatchObject({ userId: person.user.id, detail: { does: 'consent' } });
    });

    it('refuses a code that was issued before it', async () => {
      const browser = server.newBrowser();
      const agreed = await signInAndConsent(server, browser, { person, parameters });
      server.clock.advance(1);
      await make({ outcome: { kind: 'require_consent' } });
      expect((await exchange(server, agreed)).body).toMatchObject({ error: 'consent_required' });
    });

    it('asks nobody where an app asks for itself, and nothing more where a device asks', async () => {
      await make({ outcome: { kind: 'require_consent' } });
      expect((await ask()).status).toBe(200);
      const device = await postForm(server, '/api/device', {
        client_id: 'tv',
        scope: 'user-read-private',
        resource: MUSIC,
      });
      const browser = server.newBrowser();
      const signedIn = await browser.submit(await browser.get('/device'), {
        email: person.email,
        password: person.password,
      });
      const user_code = String(device.body['user_code']);
      const page = await browser.submit(signedIn, { user_code }, 'look');
      await browser.submit(page, {}, 'allow');
      const polled = await requestToken(server, {
        grant_type: DEVICE_CODE_GRANT,
        client_id: 'tv',
        device_code: String(device.body['device_code']),
      });
      expect(polled.status).toBe(200);
    });
  });

  describe('binding', () => {
    const blockBearers = { conditions: { binding: { any_of: ['none'] } }, outcome: { kind: 'block' } };

    it('refuses bearer tokens of every grant, ends those that are out, and lets DPoP and certificates through', async () => {
      const { confidential } = server.clients;
      const tokens = await obtainTokens(server, server.newBrowser(), {
        person,
        parameters: { resource: MUSIC },
      });
      server.clock.advance(5000);
      await make(blockBearers);
      expect((await introspect(server, tokens.accessToken)).body).toMatchObject({ active: false });
      for (const refused of [await ask(), await refresh(server, tokens.refreshToken, confidential)]) {
        expect([refused.status, refused.body['error']]).toEqual([400, 'access_denied']);
        expect(refused.text).not.toContain('pol_');
      }
      const bound = await ask(await proven());
      expect(bound.body).toMatchObject({ token_type: 'DPoP' });
      const said = await introspect(server, tokensOf(bound).accessToken);
      expect(said.body).toMatchObject({ active: true, cnf: { jkt: key.jkt } });
      const certificateBound = await askAsOwn(certified());
      expect(certificateBound.status).toBe(200);
      const known = await introspect(server, tokensOf(certificateBound).accessToken);
      expect(known.body).toMatchObject({ active: true, cnf: { 'x5t#S256': expect.any(String) } });
      // A grant is none of a key: with a proof, the same refresh token gets a bound one.
      const renewed = await refresh(server, tokens.refreshToken, confidential, {}, await proven());
      expect(renewed.body).toMatchObject({ token_type: 'DPoP' });
    });

    it('does not stop the person at the pages: how the token is bound is known at the token endpoint', async () => {
      await make(blockBearers);
      const authorized = () =>
        signInAndConsent(server, server.newBrowser(), { person, parameters: { resource: MUSIC } });
      expect((await exchange(server, await authorized())).body).toMatchObject({ error: 'access_denied' });
      const { confidential } = server.clients;
      const given = await exchange(server, await authorized(), confidential, {}, await proven());
      expect(given.body).toMatchObject({ token_type: 'DPoP' });
    });

    it.each([
      ['mtls', 'DPoP'],
      ['dpop', 'a certificate'],
    ])('wanted by %s is not met by %s', async (wanted, _other) => {
      await make({ conditions: { binding: { none_of: [wanted] } }, outcome: { kind: 'block' } });
      const byDpop = (await ask(await proven())).status;
      const byCertificate = (await askAsOwn(certified())).status;
      expect([byDpop, byCertificate]).toEqual(wanted === 'mtls' ? [400, 200] : [200, 400]);
    });

    it('a proof that is stolen without its key is no binding', async () => {
      await make(blockBearers);
      const other = await key.proof({ url: `${server.issuer}/api/revoke`, at: server.clock.now() });
      expect((await ask({ headers: { dpop: other } })).body).toMatchObject({ error: 'invalid_dpop_proof' });
      const untrusted = await askAsOwn({});
      expect(untrusted.status).toBe(401);
    });
  });

  describe('membership', () => {
    const organization = async (): Promise<string> => {
      const body = { name: 'Team' };
      const answer = await callApi(server, admin, 'POST', '/admin/v1/organizations', body);
      if (answer.status !== 201) throw new Error(answer.text);
      return `/admin/v1/organizations/${String(answer.body['id'])}`;
    };
    const manage = async (method: string, path: string, body?: object): Promise<void> => {
      const answer = await callApi(server, admin, method, path, body);
      if (answer.status >= 300) throw new Error(answer.text);
    };
    const active = async (token: string): Promise<unknown> =>
      (await introspect(server, token)).body['active'];

    it('ends tokens when it goes, is made less, or its organization goes; refresh is judged, others stay', async () => {
      const { confidential } = server.clients;
      const team = await organization();
      const id = team.split('/').at(-1);
      const member = `${team}/members/${person.user.id}`;
      const join = (role: string) => manage('POST', `${team}/members`, { user_id: person.user.id, role });
      await join('admin');
      const parameters = { resource: MUSIC };
      const { refreshToken } = await obtainTokens(server, server.newBrowser(), { person, parameters });
      const other = await server.registerPerson({ email: `beside@${store}.test` });
      const beside = await obtainTokens(server, server.newBrowser(), { person: other, parameters });
      const fresh = async () => tokensOf(await refresh(server, refreshToken, confidential)).accessToken;
      // Nobody asks about memberships: nothing ends.
      const before = await fresh();
      await manage('PATCH', member, { role: 'developer' });
      await manage('PATCH', member, { role: 'admin' });
      expect(await active(before)).toBe(true);
      await make({
        conditions: {
          user: { any_of: [person.user.id] },
          membership: { none_of: [{ organization_id: id, roles: ['owner', 'admin'] }] },
        },
        outcome: { kind: 'block' },
      });
      const refused = async () => (await refresh(server, refreshToken, confidential)).body['error'];
      const less = await fresh();
      await manage('PATCH', member, { role: 'developer' });
      expect([await active(less), await refused()]).toEqual([false, 'access_denied']);
      await manage('PATCH', member, { role: 'admin' });
      const removed = await fresh();
      await manage('DELETE', member);
      expect([await active(removed), await refused()]).toEqual([false, 'access_denied']);
      await join('admin');
      const gone = await fresh();
      await manage('DELETE', team);
      expect([await active(gone), await refused()]).toEqual([false, 'access_denied']);
      expect(await active(beside.accessToken)).toBe(true);
    });

    it('ends tokens when it comes, where a policy is about members', async () => {
      const team = await organization();
      const place = { organization_id: team.split('/').at(-1) };
      await make({ conditions: { membership: { any_of: [place] } }, outcome: { kind: 'block' } });
      const tokens = await obtainTokens(server, server.newBrowser(), {
        person,
        parameters: { resource: MUSIC },
      });
      expect(await active(tokens.accessToken)).toBe(true);
      await manage('POST', `${team}/members`, { user_id: person.user.id, role: 'developer' });
      expect(await active(tokens.accessToken)).toBe(false);
      const { confidential } = server.clients;
      expect((await refresh(server, tokens.refreshToken, confidential)).body['error']).toBe('access_denied');
    });
  });

  it('a sign-in page is finished under both at once', async () => {
    await make({ outcome: { kind: 'require_consent' } });
    await make({ conditions: { binding: { none_of: ['dpop'] } }, outcome: { kind: 'block' } });
    const browser = server.newBrowser();
    const pkce = createPkce();
    const { confidential } = server.clients;
    const page = await browser.get(authorizeUrl(server, confidential, pkce, { resource: MUSIC }));
    const { leftFor } = await finish(server, browser, page, { person });
    const code = leftFor?.searchParams.get('code') ?? '';
    const { redirectUri } = confidential;
    const authorized = { code, verifier: pkce.verifier, redirectUri, location: leftFor! };
    expect((await exchange(server, authorized, confidential, {}, await proven())).status).toBe(200);
  });
});
