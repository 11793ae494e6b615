// The provider's own token of a person, in exchange: for the client that may have it, by a scope the person allowed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES } from '../harness.ts';
import { HOUR } from '../movable-clock.ts';
import { type Answer, obtainTokens, type Parameters, requestToken, userinfo } from '../oauth-calls.ts';
import type { Person, RegisteredClient } from '../registrations.ts';
import { type Browsers, startUpstreamPair, type UpstreamPair } from '../upstream.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const API = 'https://calendar.example/';
const SCOPE = 'elsewhere-token';

describe.each(STORES)('on %s', (store) => {
  let pair: UpstreamPair;
  let app: RegisteredClient;
  let stranger: RegisteredClient;
  let person: Person;
  let browsers: Browsers;

  beforeAll(async () => {
    pair = await startUpstreamPair(store);
    const { here, there } = pair;
    const grantTypes = ['authorization_code', 'refresh_token', GRANT] as const;
    app = await here.registerClient({ id: 'calendar', grantTypes });
    stranger = await here.registerClient({ id: 'stranger', grantTypes });
    await here.registerResource({
      identifier: API,
      scopes: [
        { name: 'read', description: 'Read' },
        { name: SCOPE, description: 'Use your account elsewhere' },
      ],
    });
    await pair.change({ token_clients: [app.id], token_scope: SCOPE });
    person = await there.registerPerson({ email: 'ada@elsewhere.test' });
    browsers = pair.newBrowsers();
    const back = await pair.signInThere(browsers, person);
    await browsers.here.get(back.href);
  });
  afterAll(() => pair?.close());
  beforeEach(async () => {
    pair.here.clock.reset();
    await pair.change({ status: 'active', keep_tokens: true, token_clients: [app.id], token_scope: SCOPE });
  });

  const subjectToken = async (client = app, scope = `read ${SCOPE}`): Promise<string> => {
    const parameters = { resource: API, scope };
    return (await obtainTokens(pair.here, browsers.here, { client, parameters })).accessToken;
  };
  const exchange = async (subject: string, more: Parameters = {}, client = app): Promise<Answer> =>
    requestToken(
      pair.here,
      {
        grant_type: GRANT,
        subject_token: subject,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        audience: pair.there.issuer,
        ...more,
      },
      client,
    );

  describe('is refused', () => {
    it('to a client that the provider does not name', async () => {
      const answer = await exchange(await subjectToken(stranger), {}, stranger);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    });
    it('without the scope that the person has to allow', async () => {
      const answer = await exchange(await subjectToken(app, 'read'));
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    });
    it('for a token that another client was given', async () => {
      const answer = await exchange(await subjectToken(stranger));
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });
    it.each([
      ['as a JWT', { requested_token_type: 'urn:ietf:params:oauth:token-type:jwt' }],
      ['as nothing in particular', { requested_token_type: undefined }],
      ['with a scope', { scope: 'read' }],
      ['for somebody who acts', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }],
      ['for a token that is none', { subject_token: 'tsr_at_none' }],
    ])('%s', async (_what, more) => {
      const answer = await exchange(await subjectToken(), more);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });
    it.each([
      ['is disabled', { status: 'disabled' }],
      ['keeps no tokens', { keep_tokens: false }],
      ['names no scope', { token_scope: null }],
    ])('where the provider %s', async (_what, settings) => {
      const subject = await subjectToken();
      await pair.change(settings);
      expect((await exchange(subject)).body['error']).toBe('invalid_target');
    });
    it('for somebody who has not signed in with it', async () => {
      const { accessToken } = await obtainTokens(pair.here, pair.here.newBrowser(), {
        client: app,
        parameters: { resource: API, scope: SCOPE },
      });
      expect((await exchange(accessToken)).body['error']).toBe('invalid_target');
    });
  });

  it('is not had by who an access policy refuses by now', async () => {
    const { here } = pair;
    const admin = await adminToken(here);
    const policy = {
      name: 'A fresh sign-in',
      server_wide: true,
      conditions: { client: { any_of: [app.id] }, sign_in_age: { at_least: 600 } },
      outcome: { kind: 'block' },
    };
    const { body } = await callApi(here, admin, 'POST', '/admin/v1/policies', policy);
    const again = pair.newBrowsers();
    await again.here.get((await pair.signInThere(again, person)).href);
    const parameters = { resource: API, scope: `read ${SCOPE}` };
    const subject = await obtainTokens(here, again.here, { client: app, parameters });
    expect((await exchange(subject.accessToken)).status).toBe(200);
    here.clock.advance(700_000);
    const refused = await exchange(subject.accessToken);
    expect([refused.status, refused.body['error']]).toEqual([400, 'access_denied']);
    await callApi(here, admin, 'DELETE', `/admin/v1/policies/${String(body['id'])}`);
  });

  it('hands on what the provider gave, as it is, and says so in the audit log', async () => {
    const { status, body } = await exchange(await subjectToken());
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', issued_token_type: ACCESS_TOKEN });
    expect(Number(body['expires_in'])).toBeGreaterThan(3000);
    const token = String(body['access_token']);
    expect((await userinfo(pair.there, token)).body).toMatchObject({ sub: person.user.id });
    const [event] = await pair.here.auditEvents('upstream_token.handed_out');
    expect(event).toMatchObject({ actor: app.id, detail: { provider: pair.providerId } });
    expect(JSON.stringify(event)).not.toContain(token);
    expect(pair.here.log.join('')).not.toContain(token);
  });

  it('keeps it sealed: a copy of the database holds no token', async () => {
    const { body } = await exchange(await subjectToken());
    const user = await pair.here.tessera.store.users.findByEmail(person.email);
    const [identity] = await pair.here.tessera.store.upstreamIdentities.ofUser(user?.id ?? '');
    const stored = Buffer.from(identity?.sealedTokens ?? []).toString('latin1');
    expect(stored.length).toBeGreaterThan(50);
    expect(stored).not.toContain(String(body['access_token']));
    expect(stored).not.toContain('tsr_');
  });

  it('refreshes it once it is over, once for all who ask at the same time', async () => {
    const before = String((await exchange(await subjectToken())).body['access_token']);
    pair.here.clock.advance(HOUR);
    const subject = await subjectToken();
    const issued = async () =>
      (await pair.there.tessera.store.accessTokens.list({ clientId: 'here' }, { limit: 200 })).items.length;
    const known = await issued();
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(subject)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const tokens = new Set(answers.map(({ body }) => body['access_token']));
    expect(tokens.size).toBe(1);
    expect(tokens.has(before)).toBe(false);
    expect(await issued()).toBe(known + 1);
  });

  it('ends with the link', async () => {
    const subject = await subjectToken();
    expect((await exchange(subject)).status).toBe(200);
    const path = `/admin/v1/identity-providers/${pair.providerId}`;
    expect((await callApi(pair.here, pair.admin, 'DELETE', path)).status).toBe(204);
    expect((await exchange(subject)).body['error']).toBe('invalid_target');
    const user = await pair.here.tessera.store.users.findByEmail(person.email);
    expect(await pair.here.tessera.store.upstreamIdentities.ofUser(user?.id ?? '')).toEqual([]);
  });
});
