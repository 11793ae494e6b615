// Device authorization: a device asks, a person lets it in on another one (RFC 8628, DV-01 to DV-06).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEVICE_CODE_GRANT,
  JWT_BEARER_GRANT,
  TOKEN_EXCHANGE_GRANT,
} from '../../packages/server/src/domain/client.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import {
  type Answer,
  createPkce,
  introspect,
  obtainTokens,
  type Parameters,
  postForm,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type Person, type RegisteredClient } from '../registrations.ts';

const SCOPES = 'user-read-private playlist-read-private';

describe.each(STORES)('devices on %s', (store) => {
  let server: TestServer;
  let tv: RegisteredClient;
  let otherTv: RegisteredClient;
  let service: RegisteredClient;
  let eve: Person;

  beforeAll(async () => {
    server = await startTestServer({ store });
    const device = { applicationType: 'native' as const, redirectUris: [] };
    const grantTypes = [DEVICE_CODE_GRANT, 'refresh_token'] as const;
    tv = await server.registerClient({ id: 'tv', tokenEndpointAuthMethod: 'none', grantTypes, ...device });
    otherTv = await server.registerClient({
      id: 'other-tv',
      tokenEndpointAuthMethod: 'none',
      grantTypes,
      ...device,
    });
    service = await server.registerClient({ id: 'box', grantTypes: [DEVICE_CODE_GRANT], ...device });
    eve = await server.registerPerson({ email: 'eve@example.test' });
  });
  afterAll(() => server?.close());

  const ask = (parameters: Parameters = {}, client = tv): Promise<Answer> =>
    postForm(server, '/api/device', { scope: SCOPES, resource: MUSIC, ...parameters }, client);
  const poll = (asked: Answer, more: Parameters = {}, client = tv, base = server.base): Promise<Answer> =>
    requestToken(
      server,
      { grant_type: DEVICE_CODE_GRANT, device_code: text(asked, 'device_code'), ...more },
      client,
      { base },
    );
  const signedIn = async (person = server.person): Promise<NoScriptBrowser> => {
    const browser = server.newBrowser();
    const visit = await browser.get('/device');
    await browser.submit(visit, { email: person.email, password: person.password });
    // Each person may try five codes a minute; a minute later there is room again.
    server.clock.advance(61_000);
    return browser;
  };
  const enter = async (browser: NoScriptBrowser, asked: Answer): Promise<Visit> =>
    browser.submit(await browser.get('/device'), { user_code: text(asked, 'user_code') }, 'look');
  const letIn = async (asked: Answer, person = server.person): Promise<Visit> => {
    const browser = await signedIn(person);
    return browser.submit(await enter(browser, asked), {}, 'allow');
  };

  describe('the device authorization endpoint', () => {
    it.each<[string, Parameters, string]>([
      ['RFC 8707 §2: an unknown API', { resource: 'https://unknown.example/' }, 'invalid_target'],
      ['RFC 8707 §2: two APIs', { resource: [MUSIC, OPAQUE] }, 'invalid_target'],
      ['DV-06: a scope that no API has', { scope: 'unknown' }, 'invalid_scope'],
      ["Tessera's own API", { resource: 'urn:tessera:api', scope: 'admin' }, 'invalid_target'],
      [
        'RFC 7636 §4.3: plain',
        { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
        'invalid_request',
      ],
      ['no method', { code_challenge: 'x'.repeat(43) }, 'invalid_request'],
      ['a method alone', { code_challenge_method: 'S256' }, 'invalid_request'],
      ['not a hash', { code_challenge: 'x', code_challenge_method: 'S256' }, 'invalid_request'],
      [
        'RFC 9396 §5: details, which its page does not show',
        { authorization_details: '[{"type":"playlist"}]' },
        'invalid_authorization_details',
      ],
      ['a client twice', { client_id: ['tv', 'tv'] }, 'invalid_request'],
    ])('refuses %s', async (_what, parameters, error) => {
      const answer = await ask(parameters);
      expect([answer.status, answer.body['error']]).toEqual([400, error]);
    });
    it('RFC 8628 §3.1: takes a parameter without a value for none, and ignores what it does not know', async () => {
      const answer = await ask({ code_challenge: '', authorization_details: '', made_up: 'x' });
      expect([answer.status, answer.body['error']]).toEqual([200, undefined]);
    });
    it.each(['GET', 'PUT', 'DELETE'])('RFC 8628 §3.1: is no place for %s', async (method) => {
      const answer = await fetch(`${server.base}/api/device?client_id=tv`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, expect.stringMatching(/POST/)]);
    });
    it('refuses who is not registered for it, or is nobody', async () => {
      expect((await ask({}, server.clients.native)).body['error']).toBe('unauthorized_client');
      expect((await ask({}, { ...service, secret: 'wrong' })).status).toBe(401);
      expect((await postForm(server, '/api/device', { client_id: 'nobody' })).body['error']).toBe(
        'invalid_client',
      );
      const late = await ask();
      expect((await poll(late, {}, server.clients.native)).body['error']).toBe('unauthorized_client');
    });
    it('RFC 8628 §3.2: answers with two codes and where to go', async () => {
      const asked = await ask();
      expect(asked.status).toBe(200);
      expect(asked.headers.get('cache-control')).toBe('no-store');
      const userCode = text(asked, 'user_code');
      expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      expect(asked.body).toEqual({
        device_code: expect.stringMatching(/^tsr_dc_[0-9A-Za-z]{49}$/),
        user_code: userCode,
        verification_uri: `${server.issuer}/device`,
        verification_uri_complete: `${server.issuer}/device?user_code=${userCode}`,
        expires_in: 600,
        interval: 5,
      });
      const metadata: unknown = await (await fetch(`${server.base}/.well-known/openid-configuration`)).json();
      expect(metadata).toMatchObject({
        device_authorization_endpoint: `${server.issuer}/api/device`,
        grant_types_supported: expect.arrayContaining([DEVICE_CODE_GRANT]),
      });
    });
  });

  it('RFC 9396 §5: refuses details with the device code, whatever the person decides', async () => {
    const asked = await ask();
    await letIn(asked);
    const refused = await poll(asked, { authorization_details: '[{"type":"playlist"}]' });
    expect(refused.body['error']).toBe('invalid_authorization_details');
    expect((await poll(asked)).status).toBe(200);
  });

  it('lets a device in: tokens for the API it asked for, an ID token, a refresh token that works offline', async () => {
    const asked = await ask({ scope: `openid ${SCOPES}` });
    expect((await poll(asked)).body['error']).toBe('authorization_pending');
    const done = await letIn(asked);
    expect([done.status, done.page]).toEqual([200, expect.stringContaining('The device is connected')]);
    const answer = await poll(asked);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: `openid ${SCOPES}`, expires_in: 3600 });
    const { accessToken, refreshToken, idToken } = tokensOf(answer);
    expect(idToken.split('.')).toHaveLength(3);
    const said = await introspect(server, accessToken);
    expect(said.body).toMatchObject({
      active: true,
      aud: MUSIC,
      client_id: 'tv',
      sub: server.person.user.id,
    });
    const renewed = tokensOf(await refresh(server, refreshToken, tv, { resource: server.issuer }));
    expect((await userinfo(server, renewed.accessToken)).body['sub']).toBe(server.person.user.id);
    const [event] = await server.auditEvents('consent.granted');
    expect(event).toMatchObject({ clientId: 'tv', userId: server.person.user.id });
  });

  it('the device stays connected when the browser that let it in signs out', async () => {
    const asked = await ask();
    const browser = await signedIn();
    await browser.submit(await enter(browser, asked), {}, 'allow');
    const { accessToken, refreshToken } = tokensOf(await poll(asked));
    await browser.submit(await browser.get('/logout'), {});
    expect((await browser.get('/device')).page).toContain('Sign in');
    expect((await introspect(server, accessToken)).body['active']).toBe(true);
    expect((await refresh(server, refreshToken, tv)).status).toBe(200);
  });

  it('a confidential client has to authenticate, and gets no refresh token it did not register', async () => {
    const asked = await ask({}, service);
    await letIn(asked);
    expect((await poll(asked, {}, { ...service, secret: undefined })).status).toBe(401);
    const answer = await poll(asked, {}, service);
    expect(tokensOf(answer).refreshToken).toBe('');
  });

  describe('DV-01: the pace', () => {
    it('slows down who asks too often, and keeps it', async () => {
      const asked = await ask();
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
      server.clock.advance(100);
      const hasty = await poll(asked);
      expect([hasty.status, hasty.body['error']]).toEqual([400, 'slow_down']);
      server.clock.advance(6000);
      expect((await poll(asked)).body['error']).toBe('slow_down');
      server.clock.advance(15_000);
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
      server.clock.advance(12_000);
      expect((await poll(asked)).body['error']).toBe('slow_down');
    });
    it('a device that waits five seconds each time is never slowed down', async () => {
      const asked = await ask();
      for (let time = 0; time < 4; time++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
        expect((await poll(asked)).body['error']).toBe('authorization_pending');
        server.clock.advance(5000);
      }
    });
  });

  describe('DV-05: reuse, expiry, another client, PKCE', () => {
    it('a device code works once, and only for its client', async () => {
      const asked = await ask();
      await letIn(asked);
      expect((await poll(asked, {}, otherTv)).body['error']).toBe('invalid_grant');
      const tokens = tokensOf(await poll(asked));
      expect((await poll(asked)).body['error']).toBe('invalid_grant');
      // The device itself may have asked twice: what it got stays good.
      expect((await introspect(server, tokens.accessToken)).body['active']).toBe(true);
    });
    it('ends after ten minutes, decided or not', async () => {
      const [waiting, allowed] = [await ask(), await ask()];
      await letIn(allowed);
      const late = await signedIn();
      server.clock.advance(600_000);
      for (const asked of [waiting, allowed]) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        expect((await poll(asked)).body['error']).toBe('expired_token');
      }
      expect((await enter(late, waiting)).page).toContain('This code does not work.');
    });
    it('is held to the verifier where a challenge was sent, and refuses one where none was', async () => {
      const pkce = createPkce();
      const asked = await ask({ code_challenge: pkce.challenge, code_challenge_method: 'S256' });
      const plain = await ask();
      await letIn(asked);
      await letIn(plain);
      expect((await poll(asked)).body['error']).toBe('invalid_grant');
      expect((await poll(asked, { code_verifier: createPkce().verifier })).body['error']).toBe(
        'invalid_grant',
      );
      expect((await poll(plain, { code_verifier: pkce.verifier })).body['error']).toBe('invalid_grant');
      expect((await poll(asked, { code_verifier: pkce.verifier })).status).toBe(200);
      expect((await poll(plain)).status).toBe(200);
    });
    it('names the API again or leaves it, never another one', async () => {
      const asked = await ask();
      await letIn(asked);
      expect((await poll(asked, { resource: OPAQUE })).body['error']).toBe('invalid_target');
      expect((await poll(asked, { resource: MUSIC })).status).toBe(200);
    });
    it('gives nothing once the grant has ended, the app is disabled or the person is', async () => {
      const asked = await ask();
      await letIn(asked);
      const { items } = await server.tessera.store.grants.list({ clientId: 'tv' }, { limit: 1 });
      const [grant] = items;
      const audit = { id: 'evt_x', at: 0, type: 'grant.ended', outcome: 'success', actor: 'system' } as const;
      await server.tessera.store.grants.end(grant?.id ?? '', 'revoked_by_admin', server.clock.now(), audit);
      expect((await poll(asked)).body['error']).toBe('invalid_grant');
    });
    it('one of 32 polls side by side gets the tokens', async () => {
      const asked = await ask();
      await letIn(asked);
      const nodes = [server.base, store === 'postgres' ? await server.addNode() : server.base];
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, index) => poll(asked, {}, tv, nodes[index % 2])),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const others = answers.filter(({ status }) => status !== 200);
      expect(new Set(others.map(({ body }) => body['error']))).toEqual(new Set(['invalid_grant']));
      const winner = answers.find(({ status }) => status === 200) as Answer;
      expect((await introspect(server, tokensOf(winner).accessToken)).body['active']).toBe(true);
    });
  });

  describe('TK-30: what a string was issued as, it stays', () => {
    it('a device code is no code, refresh token, assertion or subject token, and none of them is one', async () => {
      const allowed = await ask();
      await letIn(allowed);
      const deviceCode = text(allowed, 'device_code');
      const everything = [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        TOKEN_EXCHANGE_GRANT,
        JWT_BEARER_GRANT,
        DEVICE_CODE_GRANT,
      ] as const;
      const all = await server.registerClient({ id: `all-${store}`, grantTypes: everything });
      const browser = server.newBrowser();
      const authorized = await signInAndConsent(server, browser, {
        client: all,
        parameters: { scope: 'openid' },
      });
      const { accessToken, refreshToken, idToken } = await obtainTokens(server, browser, {
        client: all,
        parameters: { scope: 'openid' },
      });
      const used = { ...allowed, text: '' };
      const places = (value: string): readonly Parameters[] => [
        { grant_type: 'authorization_code', code: value, code_verifier: authorized.verifier },
        { grant_type: 'refresh_token', refresh_token: value },
        { grant_type: JWT_BEARER_GRANT, assertion: value },
        { grant_type: DEVICE_CODE_GRANT, device_code: value },
      ];
      const names = ['code', 'refresh_token', 'assertion', 'device_code'];
      const values = {
        device_code: deviceCode,
        code: authorized.code,
        refresh_token: refreshToken,
        access: accessToken,
        id: idToken,
        user_code: text(used, 'user_code'),
        secret: all.secret ?? '',
      };
      for (const [kind, value] of Object.entries(values)) {
        for (const [index, parameters] of places(value).entries()) {
          if (names[index] === kind) continue;
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const answer = await requestToken(server, parameters, all);
          expect([kind, names[index], answer.status, answer.body['error']]).toEqual([
            kind,
            names[index],
            400,
            'invalid_grant',
          ]);
        }
      }
      const subject = { grant_type: TOKEN_EXCHANGE_GRANT, subject_token: deviceCode };
      const type = 'urn:ietf:params:oauth:token-type:access_token';
      const exchanged = await requestToken(server, { ...subject, subject_token_type: type }, all);
      expect(exchanged.body['error']).toBe('invalid_request');
      expect((await introspect(server, deviceCode, all)).body).toEqual({ active: false });
      // None of that used it up.
      expect((await poll(allowed)).status).toBe(200);
    });
    it('each parameter broken in every way: never more, never a failure of ours', async () => {
      const asked = await ask();
      await letIn(asked);
      const whole = {
        grant_type: DEVICE_CODE_GRANT,
        device_code: text(asked, 'device_code'),
        client_id: 'tv',
      };
      for (const name of Object.keys(whole)) {
        for (const value of [undefined, '', '\u0000', 'x', ['a', 'b'], 'x'.repeat(20_000), '[]', '*']) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const answer = await postForm(server, '/api/token', { ...whole, [name]: value });
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.status).toBeLessThan(500);
        }
      }
      const start = { client_id: 'tv', scope: SCOPES, resource: MUSIC };
      for (const name of Object.keys(start)) {
        for (const value of ['\u0000', ['a', 'b'], 'x'.repeat(20_000), '[]', '*']) {
          // oxlint-disable-next-line no-await-in-loop -- as above
          const answer = await postForm(server, '/api/device', { ...start, [name]: value });
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.status).toBeLessThan(500);
        }
      }
      expect((await poll(asked)).status).toBe(200);
    });
  });

  describe('the page', () => {
    it('DV-03: asks for the code even when the link has it, and shows who asks what from where', async () => {
      const asked = await ask();
      const link = text(asked, 'verification_uri_complete');
      const browser = server.newBrowser();
      const first = await browser.get(link);
      expect(first.page).toContain('Sign in');
      const { email, password } = server.person;
      const entry = await browser.submit(first, { email, password });
      expect(new URL(entry.url).pathname).toBe('/device');
      expect(entry.page).toContain(`value="${text(asked, 'user_code')}"`);
      expect(entry.page).toContain('Go on only if you started this yourself');
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
      server.clock.advance(61_000);
      const shown = await browser.submit(entry, {}, 'look');
      for (const part of [
        'App tv',
        'See your',
        MUSIC,
        text(asked, 'user_code'),
        '127.0.0.1',
        '2 minutes ago',
      ]) {
        expect(shown.page).toContain(part);
      }
      expect(shown.page).toContain('Did you start this yourself?');
      expect(shown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
    });
    it('takes a code however it is typed', async () => {
      const asked = await ask();
      const browser = await signedIn();
      const typed = ` ${text(asked, 'user_code').toLowerCase().replace('-', ' ')} `;
      const shown = await browser.submit(await browser.get('/device'), { user_code: typed }, 'look');
      expect(shown.page).toContain('Let App tv in?');
    });
    it('a person may allow a device less than it asks; nothing at all is no', async () => {
      const allow = async (ticked: Readonly<Record<string, string>>): Promise<Answer> => {
        const asked = await ask();
        const browser = await signedIn();
        const shown = await enter(browser, asked);
        const form = formsOf(shown.page).find(({ names }) => names.includes('user_code'));
        const bound = Object.entries(form?.fields ?? {}).filter(([name]) => !name.startsWith('allow:'));
        await browser.post('/device', { ...Object.fromEntries(bound), ...ticked, step: 'allow' });
        return poll(asked);
      };
      const less = await allow({ 'allow:user-read-private': 'yes' });
      expect([less.status, less.body['scope']]).toEqual([200, 'user-read-private']);
      expect((await allow({})).body['error']).toBe('access_denied');
    });
    it('deny is heard by the device, and stays', async () => {
      const asked = await ask();
      const browser = await signedIn();
      const shown = await enter(browser, asked);
      expect((await browser.submit(shown, {}, 'deny')).page).toContain('turned away');
      const heard = await poll(asked);
      expect([heard.status, heard.body['error']]).toEqual([400, 'access_denied']);
      expect((await browser.submit(shown, {}, 'allow')).status).toBe(400);
      expect((await poll(asked)).body['error']).toBe('access_denied');
    });
    it('DV-04: nobody but the session that entered the code can decide, not even with the code', async () => {
      const asked = await ask();
      const [ada, mallory] = [await signedIn(), await signedIn(eve)];
      const hers = await enter(ada, asked);
      expect((await enter(mallory, asked)).page).toContain('This code does not work.');
      const own = await ask();
      const his = await enter(mallory, own);
      for (const step of ['allow', 'deny']) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        const tried = await mallory.submit(his, { user_code: text(asked, 'user_code') }, step);
        expect([tried.status, tried.page]).toEqual([400, expect.stringContaining('Nothing was decided')]);
      }
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
      expect((await ada.submit(hers, {}, 'allow')).status).toBe(200);
      const { accessToken } = tokensOf(await poll(asked));
      expect((await introspect(server, accessToken)).body['sub']).toBe(server.person.user.id);
    });
    it('a code nobody has entered cannot be decided about', async () => {
      const [asked, own] = [await ask(), await ask()];
      const browser = await signedIn();
      const shown = await enter(browser, own);
      const tried = await browser.submit(shown, { user_code: text(asked, 'user_code') }, 'allow');
      expect(tried.status).toBe(400);
    });
    it('AZ-71: takes no form of another site, another session or no session', async () => {
      const asked = await ask();
      const browser = await signedIn();
      const shown = await enter(browser, asked);
      const code = { user_code: text(asked, 'user_code'), step: 'allow' };
      const foreign = await browser.post('/device', code, { origin: 'https://evil.example' });
      expect(foreign.status).toBe(403);
      expect((await browser.post('/device', { ...code, form_token: 'x' })).status).toBe(403);
      const nobody = await server.newBrowser().post('/device', code);
      expect(nobody.page).toContain('Sign in');
      expect((await poll(asked)).body['error']).toBe('authorization_pending');
      expect((await browser.submit(shown, {}, 'allow')).status).toBe(200);
    });
    it('one of 32 approvals side by side counts', async () => {
      const asked = await ask();
      const browser = await signedIn();
      const shown = await enter(browser, asked);
      const before = (await server.auditEvents('consent.granted')).length;
      const all = await Promise.all(Array.from({ length: 32 }, () => browser.submit(shown, {}, 'allow')));
      expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await server.auditEvents('consent.granted')).length).toBe(before + 1);
    });
    it('DV-02: five tries a minute, the sixth is not looked at even if it is right', async () => {
      const asked = await ask();
      const browser = await signedIn(eve);
      const entry = await browser.get('/device');
      const guesses = await Promise.all(
        ['BBBB-BBBB', 'CCCC-CCCC', 'x', 'DDDD-DDDD', 'FFFF-FFFF'].map((user_code) =>
          browser.submit(entry, { user_code }, 'look'),
        ),
      );
      expect(guesses.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
      const right = await browser.submit(entry, { user_code: text(asked, 'user_code') }, 'look');
      expect([right.status, right.headers.get('retry-after')]).toEqual([429, '60']);
      expect(right.page).toContain('Nothing was checked this time.');
      server.clock.advance(61_000);
      expect((await enter(browser, asked)).page).toContain('Let App tv in?');
    });
    it('leads nowhere else after the sign-in', async () => {
      for (const next of ['//evil.example', 'https://evil.example', 'devices']) {
        const browser = server.newBrowser();
        // oxlint-disable-next-line no-await-in-loop -- three of them
        const visit = await browser.get(`/login?next=${encodeURIComponent(next)}`);
        const { email, password } = server.person;
        // oxlint-disable-next-line no-await-in-loop -- as above
        const after = await browser.submit(visit, { email, password });
        expect(new URL(after.url).pathname).toBe('/login');
      }
    });
  });
});

function text(answer: Answer, name: string): string {
  const value = answer.body[name];
  if (typeof value !== 'string') throw new Error(`No ${name}: ${answer.status} ${answer.text}`);
  return value;
}
