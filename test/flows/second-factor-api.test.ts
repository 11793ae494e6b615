// Second factors over the account and admin API: what a person changes themselves, what it takes, what is told.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { type Answer, exchange, read, signInAndConsent, tokensOf } from '../oauth-calls.ts';
import type { Person } from '../registrations.ts';
import { CodeApp, isSecondStep, registerWithFactors, signIn } from '../second-factors.ts';
import { type CreationOptions, SoftwareAuthenticator, submitPasskey } from '../software-authenticator.ts';

const MINUTE = 60_000;
const API = 'urn:tessera:api';

describe.each(STORES)('second factors over the APIs on %s', (store) => {
  let server: TestServer;
  let person: Person;
  let browser: NoScriptBrowser;
  let people = 0;

  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    server.clock.advance(16 * MINUTE);
    people += 1;
    person = await server.registerPerson({ email: `api${people}@example.test` });
    browser = server.newBrowser();
  });

  const tokenOf = async (of: Person, scope = 'account', from = browser): Promise<string> => {
    const client = { id: 'tessera-cli', secret: undefined, redirectUri: 'http://127.0.0.1/callback' };
    const parameters = { scope, resource: API };
    const authorized = await signInAndConsent(server, from, { client, person: of, parameters });
    return tokensOf(await exchange(server, authorized, client)).accessToken;
  };
  const call = async (token: string, method: string, path: string, body?: object): Promise<Answer> =>
    read(
      await fetch(`${server.base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );

  async function addApp(token: string): Promise<{ readonly app: CodeApp; readonly added: Answer }> {
    const begun = await call(token, 'POST', '/account/v1/second-factors/enrolments');
    expect(begun.status).toBe(200);
    const { enrolment, secret } = begun.body;
    const app = new CodeApp(String(secret));
    const body = { enrolment, code: app.code(server.clock.now()), name: 'My phone' };
    return { app, added: await call(token, 'POST', '/account/v1/second-factors', body) };
  }
  async function addPasskey(token: string, name?: string): Promise<Answer> {
    const begun = await call(token, 'POST', '/account/v1/passkeys/enrolments');
    const authenticator = new SoftwareAuthenticator(server.issuer);
    const answer = authenticator.create(begun.body['public_key'] as CreationOptions);
    const credential: unknown = JSON.parse(answer);
    const { enrolment } = begun.body;
    return call(token, 'POST', '/account/v1/passkeys', { enrolment, credential, ...(name && { name }) });
  }

  it('an app is added in two steps, with recovery codes; then a password alone is not enough', async () => {
    const token = await tokenOf(person);
    const { added, app } = await addApp(token);
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ id: expect.stringMatching(/^otp_/), name: 'My phone' });
    expect(added.body['recovery_codes']).toHaveLength(10);
    const listed = await call(token, 'GET', '/account/v1/second-factors');
    expect(listed.body).toMatchObject({
      items: [{ id: added.body['id'], type: 'authenticator_app', name: 'My phone' }],
      recovery_codes_left: 10,
      required: false,
    });
    expect(JSON.stringify(listed.body)).not.toMatch(/seed|hash|key/);
    const [event] = await server.auditEvents('factor.added');
    expect(event).toMatchObject({ actor: person.user.id, detail: { kind: 'authenticator_app' } });
    const page = await signIn(server, server.newBrowser(), person);
    expect(isSecondStep(page)).toBe(true);
    expect(app.seed).toHaveLength(20);
  });

  it('a passkey is added, renamed and removed; recovery codes go with the last factor', async () => {
    const added = await addPasskey(await tokenOf(person), 'My laptop');
    expect(added.status).toBe(201);
    expect(added.body['recovery_codes']).toHaveLength(10);
    const strong = await strongToken();
    expect((await addPasskey(strong)).body).not.toHaveProperty('recovery_codes');
    const path = `/account/v1/passkeys/${String(added.body['id'])}`;
    expect((await call(strong, 'PATCH', path, { name: ' Old laptop ' })).status).toBe(204);
    const { items } = (await call(strong, 'GET', '/account/v1/passkeys')).body;
    expect(items).toMatchObject([{ name: 'Old laptop', synced: true }, { name: 'Passkey' }]);
    for (const { id } of items as { id: string }[]) {
      // oxlint-disable-next-line no-await-in-loop -- two of them
      expect((await call(strong, 'DELETE', `/account/v1/second-factors/${id}`)).status).toBe(204);
    }
    expect((await call(strong, 'DELETE', path)).status).toBe(404);
    expect((await call(strong, 'GET', '/account/v1/second-factors')).body).toMatchObject({
      items: [],
      recovery_codes_left: 0,
    });
    const [event] = await server.auditEvents('factor.removed');
    expect(event).toMatchObject({
      actor: person.user.id,
      userId: person.user.id,
      detail: { kind: 'passkey' },
    });
  });

  /** A token after a sign-in by passkey, of the person whose only passkey is in this test's hands. */
  async function strongToken(): Promise<string> {
    const { secondFactors } = server.tessera.store;
    const [event] = await server.auditEvents('user.created');
    // A passkey in this test's hands.
    const authenticator = new SoftwareAuthenticator(server.issuer);
    const of = server.newBrowser();
    const known = await secondFactors.of(person.user.id);
    expect(known.passkeys).toHaveLength(1);
    const answer = authenticator.create({
      challenge: 'x',
      rp: { id: 'localhost' },
      user: { id: Buffer.from(person.user.id).toString('base64url') },
    });
    const made = await import('../../packages/server/src/people/verify-passkey.ts').then((module) =>
      module.verifyNewPasskey(answer, {
        challenge: 'x',
        relyingParty: { id: 'localhost', origin: server.issuer, name: 'x' },
      }),
    );
    const row = { ...made!, id: `psk_${people}`, userId: person.user.id, name: 'test', createdAt: 0 };
    const audit = { ...event!, id: `evt_strong_${people}`, type: 'factor.added' } as const;
    await secondFactors.addPasskey(row, { audit, recoveryCodes: [] });
    await submitPasskey(of, await of.get('/login'), authenticator);
    const token = await tokenOf(person, 'account', of);
    await secondFactors.remove(person.user.id, row.id, false, { audit: { ...audit, id: `${audit.id}_2` } });
    return token;
  }

  describe('refuse', () => {
    const CHANGES = [
      ['POST', '/account/v1/passkeys/enrolments', undefined],
      ['POST', '/account/v1/second-factors/enrolments', undefined],
      ['POST', '/account/v1/second-factors/recovery-codes', undefined],
      ['POST', '/account/v1/passkeys', { enrolment: 'x', credential: {} }],
      ['POST', '/account/v1/second-factors', { enrolment: 'x', code: '000000' }],
      ['PATCH', '/account/v1/passkeys/psk_x', { name: 'x' }],
      ['DELETE', '/account/v1/second-factors/otp_x', undefined],
    ] as const;
    it.each(CHANGES)('%s %s after a sign-in of long ago', async (method, path, body) => {
      const token = await tokenOf(person);
      server.clock.advance(16 * MINUTE);
      const refused = await call(token, method, path, body);
      expect(refused.status).toBe(401);
      expect(refused.body['type']).toContain('#recent_sign_in_required');
    });
    it('a change by a password alone, of somebody who has a second factor', async () => {
      const token = await tokenOf(person);
      await addApp(token);
      const second = await call(token, 'POST', '/account/v1/passkeys/enrolments');
      expect(second.status).toBe(401);
    });
    it('a wrong code, a code of long ago, and an enrolment of somebody else', async () => {
      const token = await tokenOf(person);
      const { enrolment } = (await call(token, 'POST', '/account/v1/second-factors/enrolments')).body;
      const wrong = await call(token, 'POST', '/account/v1/second-factors', { enrolment, code: '000000' });
      expect([wrong.status, wrong.body['type']]).toEqual([400, expect.stringContaining('#factor_refused')]);
      const other = await server.registerPerson({ email: `other${people}@example.test` });
      const otherToken = await tokenOf(other, 'account', server.newBrowser());
      for (const sent of [enrolment, 'x', '']) {
        // oxlint-disable-next-line no-await-in-loop -- three of them
        const stolen = await call(otherToken, 'POST', '/account/v1/second-factors', {
          enrolment: sent,
          code: '000000',
        });
        expect([stolen.status, stolen.body['type']]).toEqual([
          400,
          expect.stringContaining('#enrolment_expired'),
        ]);
      }
    });
    it('an enrolment for the second time, side by side', async () => {
      const token = await tokenOf(person);
      const begun = await call(token, 'POST', '/account/v1/second-factors/enrolments');
      const app = new CodeApp(String(begun.body['secret']));
      const body = { enrolment: begun.body['enrolment'], code: app.code(server.clock.now()) };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => call(token, 'POST', '/account/v1/second-factors', body)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    });
    it("somebody else's factor, as if there were none", async () => {
      const strong = await registerWithFactors(server);
      const { passkeys } = await server.tessera.store.secondFactors.of(strong.person.user.id);
      const path = `/account/v1/passkeys/${passkeys[0]!.id}`;
      const answer = await call(await tokenOf(person), 'DELETE', path);
      expect(answer.status).toBe(404);
      expect((await server.tessera.store.secondFactors.of(strong.person.user.id)).passkeys).toHaveLength(1);
    });
    it('a token without the scope', async () => {
      const admin = await server.registerPerson({ email: `adm${people}@example.test`, role: 'admin' });
      const token = await tokenOf(admin, 'admin');
      expect((await call(token, 'GET', '/account/v1/second-factors')).status).toBe(403);
    });
  });

  it('an administrator sees kinds, and resets them; the person is let in by their password', async () => {
    const strong = await registerWithFactors(server);
    const admin = await server.registerPerson({ email: `root${people}@example.test`, role: 'admin' });
    const token = await tokenOf(admin, 'admin');
    const path = `/admin/v1/users/${strong.person.user.id}/second-factors`;
    expect((await call(token, 'GET', path)).body).toEqual({
      passkeys: 1,
      authenticator_apps: 1,
      recovery_codes_left: 10,
    });
    expect((await call(token, 'DELETE', path)).status).toBe(204);
    expect((await call(token, 'GET', path)).body).toMatchObject({ passkeys: 0, recovery_codes_left: 0 });
    const [event] = await server.auditEvents('factor.removed');
    expect(event).toMatchObject({ actor: admin.user.id, userId: strong.person.user.id });
    expect((await signIn(server, server.newBrowser(), strong.person)).page).toContain('You are signed in');
    const none = await call(token, 'GET', '/admin/v1/users/usr_none/second-factors');
    expect(none.status).toBe(404);
    const member = await tokenOf(person, 'account');
    expect((await call(member, 'DELETE', path)).status).toBe(403);
  });
});
