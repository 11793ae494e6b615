// Access policies before a device is let in: the person signs in as they ask first, or the device is told that it cannot be.
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import { type Answer, createPkce, postForm, requestToken, tokensOf } from '../oauth-calls.ts';
import { MUSIC, type Person, type RegisteredClient } from '../registrations.ts';
import { codeFields, isSecondStep, registerWithFactors, setUpApp, typePassword } from '../second-factors.ts';

const MFA = 'urn:tessera:acr:mfa';
const NOT_ALLOWED = 'An access policy does not allow this';

describe.each(STORES)('policies before a device on %s', (store) => {
  let server: TestServer;
  let admin: string;
  let tv: RegisteredClient;
  const made: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({ store });
    admin = await adminToken(server);
    tv = await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
      tokenEndpointAuthMethod: 'none',
    });
  });
  afterAll(() => server?.close());
  afterEach(async () => {
    await Promise.all(
      made.splice(0).map((id) => callApi(server, admin, 'DELETE', `/admin/v1/policies/${id}`)),
    );
    server.clock.advance(61_000);
  });

  const make = async (
    outcome: object,
    conditions: object = { client: { any_of: ['tv'] } },
  ): Promise<void> => {
    const body = { name: 'A policy', server_wide: true, conditions, outcome };
    const answer = await callApi(server, admin, 'POST', '/admin/v1/policies', body);
    if (answer.status !== 201) throw new Error(answer.text);
    made.push(String(answer.body['id']));
  };
  const ask = (): Promise<Answer> =>
    postForm(server, '/api/device', { scope: 'user-read-private', resource: MUSIC }, tv);
  const poll = (asked: Answer): Promise<Answer> =>
    requestToken(
      server,
      { grant_type: DEVICE_CODE_GRANT, device_code: String(asked.body['device_code']) },
      tv,
    );
  const signedIn = async (person: Person = server.person): Promise<NoScriptBrowser> => {
    const browser = server.newBrowser();
    await typePassword(browser, await browser.get('/device'), person);
    return browser;
  };
  const enter = async (browser: NoScriptBrowser, asked: Answer): Promise<Visit> =>
    browser.submit(await browser.get('/device'), { user_code: String(asked.body['user_code']) }, 'look');
  const isAsked = ({ page }: Visit): boolean => page.includes('value="allow"');
  const errorOf = ({ status, body }: Answer): unknown => [status, body['error'], body['error_description']];

  it('a block turns the device away at once, and tells it why', async () => {
    await make({ kind: 'block' });
    const asked = await ask();
    const page = await enter(await signedIn(), asked);
    expect(isAsked(page)).toBe(false);
    expect(page.page).toContain('The device cannot be let in');
    expect(page.page).toContain(NOT_ALLOWED);
    expect(page.page).not.toContain('pol_');
    expect(errorOf(await poll(asked))).toEqual([400, 'access_denied', NOT_ALLOWED]);
    const [event] = await server.auditEvents('policy.refused');
    expect(event).toMatchObject({ clientId: 'tv', detail: { does: 'block' } });
  });

  it('a policy that comes between the look and the yes counts, and lets nothing in', async () => {
    const asked = await ask();
    const browser = await signedIn();
    const page = await enter(browser, asked);
    expect(isAsked(page)).toBe(true);
    await make({ kind: 'step_up', acr: MFA });
    const after = await browser.submit(page, {}, 'allow');
    expect(new URL(after.url).pathname).toBe('/login/set-up');
    expect((await poll(asked)).body['error']).toBe('authorization_pending');
    // To say no needs no better sign-in; whoever has let go of the code enters it again.
    const again = await enter(browser, asked);
    expect(isAsked(again)).toBe(false);
  });

  it('a policy that comes after the yes answers what a device understands', async () => {
    const asked = await ask();
    const browser = await signedIn();
    await browser.submit(await enter(browser, asked), {}, 'allow');
    await make({ kind: 'step_up', acr: MFA });
    const refused = await poll(asked);
    expect([refused.status, refused.body['error']]).toEqual([400, 'access_denied']);
    expect(refused.body['error_description']).toContain('start again');
  });

  it('a second factor is asked for, and the code comes along', async () => {
    const { person, app } = await registerWithFactors(server);
    const weak = await server.registerPerson({ email: `weak@${store}.test` });
    const asked = await ask();
    // Signed in by both already: nothing more is asked.
    const strong = server.newBrowser();
    const second = await typePassword(strong, await strong.get('/device'), person);
    expect(isSecondStep(second)).toBe(true);
    await strong.submit(second, { ...codeFields(second), code: app.code(server.clock.now()) });
    await make({ kind: 'step_up', acr: MFA });
    const shown = await enter(strong, asked);
    expect(isAsked(shown)).toBe(true);
    await strong.submit(shown, {}, 'allow');
    const tokens = tokensOf(await poll(asked));
    expect(decodeJwt(tokens.accessToken)).toMatchObject({ acr: MFA });
    // By a password alone: a factor is set up first, then the code is entered again.
    const other = await ask();
    const browser = await signedIn(weak);
    const offer = await enter(browser, other);
    expect(new URL(offer.url).pathname).toBe('/login/set-up');
    const { visit } = await setUpApp(server, browser, offer);
    const goOn = /href="([^"]*go-on[^"]*)"/.exec(visit.page)?.[1] ?? '';
    const back = await browser.get(new URL(goOn.replaceAll('&amp;', '&'), server.base).href);
    expect(back.page).toContain(String(other.body['user_code']));
    const page = await browser.submit(back, {}, 'look');
    expect(isAsked(page)).toBe(true);
    await browser.submit(page, {}, 'allow');
    expect((await poll(other)).status).toBe(200);
  });

  it('a fresh sign-in is asked for, and by another session the device is let in', async () => {
    const browser = await signedIn();
    server.clock.advance(120_000);
    const asked = await ask();
    await make({ kind: 'step_up', max_age: 60 });
    const page = await enter(browser, asked);
    expect([new URL(page.url).pathname, hasForm(page.page, 'email', 'password')]).toEqual(['/login', true]);
    expect((await poll(asked)).body['error']).toBe('authorization_pending');
    const back = await typePassword(browser, page, server.person);
    expect(back.page).toContain(String(asked.body['user_code']));
    const shown = await browser.submit(back, {}, 'look');
    expect(isAsked(shown)).toBe(true);
    // Looked at for too long: asked anew at the yes.
    server.clock.advance(61_000);
    const late = await browser.submit(shown, {}, 'allow');
    expect(new URL(late.url).pathname).toBe('/login');
    const second = await typePassword(browser, late, server.person);
    await browser.submit(await browser.submit(second, {}, 'look'), {}, 'allow');
    expect((await poll(asked)).status).toBe(200);
  });

  it('a session that lets go of a device keeps no hold of it, and nobody decides twice', async () => {
    const { deviceAuthorizations } = server.tessera.store;
    const asked = await ask();
    const browser = await signedIn();
    const page = await enter(browser, asked);
    const stranger = await signedIn(await server.registerPerson({ email: `stranger@${store}.test` }));
    expect(isAsked(await enter(stranger, asked))).toBe(false);
    await browser.submit(page, {}, 'allow');
    expect((await poll(asked)).status).toBe(200);
    // A release by another session, or after the decision, changes nothing.
    const gone = {
      userCodeHash: new Uint8Array(32),
      sessionId: createPkce().challenge,
      at: server.clock.now(),
    };
    await expect(deviceAuthorizations.release(gone)).resolves.toBeUndefined();
    expect((await browser.submit(page, {}, 'allow')).page).toContain('This code has ended');
  });
});
