// An organization from its making to its end, over HTTP: invitations by mail, roles that count at once, what ends.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashTokenString, createTokenString } from '@tessera/tokens';
import { randomBytes } from 'node:crypto';
import { TESSERA_API_IDENTIFIER } from '../../packages/server/src/domain/resource.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import { DAY } from '../movable-clock.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import type { Answer } from '../oauth-calls.ts';
import type { Person } from '../registrations.ts';

const random = (size: number): Uint8Array => randomBytes(size);

describe.each(STORES)('organizations on %s', (store) => {
  let server: TestServer;
  let operator: string;
  let owner: Person;
  let grace: Person;
  let eve: Person;
  let organization: string;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { sign_up: 'invited' } });
    operator = await adminToken(server);
    owner = await server.registerPerson({ email: 'owner@example.test' });
    grace = await server.registerPerson({ email: 'grace@example.test' });
    eve = await server.registerPerson({ email: 'eve@example.test' });
    const made = await callApi(server, operator, 'POST', '/admin/v1/organizations', { name: 'Quartet <i>' });
    organization = String(made.body['id']);
    await callApi(server, operator, 'POST', `/admin/v1/organizations/${organization}/members`, {
      user_id: owner.user.id,
      role: 'owner',
    });
  });
  afterAll(() => server?.close());

  /** A token of a person for the APIs, as the command line has one. */
  async function tokenOf({ user }: Person): Promise<string> {
    const { accessTokens, resources } = server.tessera.store;
    const api = await resources.findByIdentifier(TESSERA_API_IDENTIFIER);
    const token = createTokenString('at', random);
    const issuedAt = Math.floor(server.clock.now() / 1000) * 1000;
    await accessTokens.issue({
      id: hashTokenString(token),
      format: 'opaque',
      clientId: 'tessera-cli',
      userId: user.id,
      resourceId: api?.id ?? '',
      scopes: ['admin', 'account'],
      issuedAt,
      expiresAt: issuedAt + 3_600_000,
      lifetimeReason: 'test',
    });
    return token;
  }

  const as = async (person: Person, method: string, path: string, body?: object): Promise<Answer> =>
    callApi(server, await tokenOf(person), method, path, body);
  const invitations = (): string => `/admin/v1/organizations/${organization}/invitations`;
  const invite = (email: string, role = 'developer', by = owner): Promise<Answer> =>
    as(by, 'POST', invitations(), { email, role });

  /** The link in the newest mail to an address. */
  async function linkTo(email: string): Promise<string> {
    return await vi.waitFor(async () => {
      await server.tessera.deliverMail();
      const mail = server.mailbox.list().find(({ to }) => to === email);
      const link = /https?:\S+\/invitation\?link=\S+/.exec(mail?.text ?? '')?.[0];
      if (link === undefined) throw new Error(`no invitation for ${email}`);
      return link.replace(server.issuer, '');
    }, 30_000);
  }

  async function signedIn(person: Person): Promise<NoScriptBrowser> {
    const browser = server.newBrowser();
    const visit = await browser.get('/login');
    await browser.submit(visit, { email: person.email, password: person.password });
    return browser;
  }

  const open = async (person: Person, link: string): Promise<[NoScriptBrowser, Visit]> => {
    const browser = await signedIn(person);
    return [browser, await browser.get(link)];
  };

  it('an invitation is for the person who was invited, once', async () => {
    expect((await invite(grace.email)).status).toBe(201);
    const link = await linkTo(grace.email);
    const stranger = await open(eve, link);
    expect(stranger[1].page).toContain('for another address');
    expect(stranger[1].page).not.toContain(grace.email);
    const nobody = await server.newBrowser().get(link);
    expect(nobody.page).toContain('Quartet &lt;i&gt;');
    const [browser, visit] = await open(grace, link);
    expect(visit.page).toContain('Join Quartet &lt;i&gt;?');
    const joined = await browser.submit(visit, {}, 'accept');
    expect(joined.page).toContain('You joined');
    const again = await open(grace, link);
    expect(again[1].page).toContain('has ended');
    const mine = await as(grace, 'GET', '/account/v1/organizations');
    expect(mine.body['items']).toMatchObject([
      { kind: 'personal', role: 'owner' },
      { id: organization, role: 'developer' },
    ]);
  });

  it('whoever has no account makes one from the invitation, for the invited address and no other', async () => {
    const email = 'newcomer@example.test';
    await invite(email);
    const browser = server.newBrowser();
    expect((await browser.get('/signup')).page).toContain('made by invitation');
    const invited = await browser.get(await linkTo(email));
    expect(invited.page).toContain('Create an account');
    expect(invited.page).not.toContain('tsr_ml_');
    const forged = await server.newBrowser().post('/invitation', { step: 'sign_up', form_token: 'x' });
    expect(forged.status).toBe(404);
    const unsigned = await browser.post('/invitation', { step: 'sign_up', form_token: 'x' });
    expect(unsigned.status).toBe(403);
    const form = await browser.submit(invited, {}, 'sign_up');
    expect(form.page).toContain(email);
    const [fields] = formsOf(form.page).map((each) => each.fields);
    const back = await browser.post(form.url, {
      ...fields,
      display_name: 'New Comer',
      password: 'a password of several words',
      email: 'other@x.example',
    });
    expect(back.page).toContain('Join Quartet');
    expect((await browser.submit(back, {}, 'accept')).page).toContain('You joined');
    const made = await server.tessera.store.users.findByEmail(email);
    expect(made).toMatchObject({ emailVerified: true, displayName: 'New Comer', role: 'member' });
    expect(await server.tessera.store.users.findByEmail('other@x.example')).toBeUndefined();
    const members = await as(owner, 'GET', `/admin/v1/organizations/${organization}/members/${made?.id}`);
    expect(members.body).toMatchObject({ role: 'developer' });
    await as(owner, 'DELETE', `/admin/v1/organizations/${organization}/members/${made?.id}`);
  });

  it('an invitation that was taken back makes no account, and one to an account asks for a sign-in', async () => {
    const email = 'too-late@example.test';
    const made = await invite(email);
    const browser = server.newBrowser();
    const invited = await browser.get(await linkTo(email));
    await as(owner, 'DELETE', `${invitations()}/${String(made.body['id'])}`);
    expect((await browser.submit(invited, {}, 'sign_up')).page).toContain('has ended');
    await invite(eve.email, 'member');
    const known = await server.newBrowser().get(await linkTo(eve.email));
    expect(known.page).not.toContain('Create an account');
    expect(known.page).toContain('Sign in');
  });

  it('says the same of an address that nobody has', async () => {
    const known = await invite(eve.email, 'member');
    const unknown = await invite('nobody@example.test', 'member');
    const shape = ({ status, body }: Answer) => [status, Object.keys(body)];
    expect(shape(unknown)).toEqual(shape(known));
  });

  it('is worth nothing when it was taken back, declined, or is too old', async () => {
    const first = await invite(eve.email, 'member');
    const taken = await linkTo(eve.email);
    await as(owner, 'DELETE', `${invitations()}/${String(first.body['id'])}`);
    expect((await open(eve, taken))[1].page).toContain('has ended');
    await invite(eve.email, 'member');
    const [browser, visit] = await open(eve, await linkTo(eve.email));
    expect((await browser.submit(visit, {}, 'decline')).page).toContain('You declined');
    await invite(eve.email, 'member');
    const old = await linkTo(eve.email);
    server.clock.advance(7 * DAY);
    operator = await adminToken(server);
    expect((await open(eve, old))[1].page).toContain('has ended');
    expect((await as(eve, 'GET', `/admin/v1/organizations/${organization}`)).status).toBe(404);
  });

  it('roles count at once, for tokens that are out there', async () => {
    const token = await tokenOf(grace);
    const app = {
      client_name: 'Tuner',
      redirect_uris: ['https://tuner.example/cb'],
      organization_id: organization,
    };
    const made = await callApi(server, token, 'POST', '/admin/v1/clients', app);
    expect(made.status).toBe(201);
    const path = `/admin/v1/clients/${String(made.body['client_id'])}`;
    expect((await callApi(server, token, 'PATCH', path, { client_name: 'Fork' })).status).toBe(200);
    const member = `/admin/v1/organizations/${organization}/members/${grace.user.id}`;
    expect((await callApi(server, token, 'PATCH', member, { role: 'owner' })).status).toBe(403);
    expect((await as(owner, 'PATCH', member, { role: 'member' })).status).toBe(200);
    expect((await callApi(server, token, 'PATCH', path, { client_name: 'Spoon' })).status).toBe(403);
    expect((await callApi(server, token, 'GET', path)).status).toBe(200);
    expect((await callApi(server, token, 'DELETE', `/account/v1/organizations/${organization}`)).status).toBe(
      204,
    );
    expect((await callApi(server, token, 'GET', path)).status).toBe(404);
  });

  it('whoever may not invite any more has invited nobody', async () => {
    const path = `/admin/v1/organizations/${organization}/members`;
    await callApi(server, operator, 'POST', path, { user_id: grace.user.id, role: 'admin' });
    expect((await invite(eve.email, 'owner', grace)).status).toBe(403);
    expect((await invite(eve.email, 'admin', grace)).status).toBe(201);
    const link = await linkTo(eve.email);
    await as(owner, 'DELETE', `${path}/${grace.user.id}`);
    expect((await open(eve, link))[1].page).toContain('has ended');
  });

  it('apps of one person, and organizations of anybody, only where the server says so', async () => {
    const app = { client_name: 'Mine', redirect_uris: ['https://mine.example/cb'] };
    expect((await as(eve, 'POST', '/admin/v1/clients', app)).status).toBe(403);
    expect((await as(eve, 'POST', '/admin/v1/organizations', { name: 'Hers' })).status).toBe(403);
  });

  it('ends with everything it owns; the last owner stays until then', async () => {
    const leaving = `/account/v1/organizations/${organization}`;
    const members = `/admin/v1/organizations/${organization}/members`;
    const admin = await server.tessera.store.users.findByEmail('admin@example.test');
    await callApi(server, operator, 'DELETE', `${members}/${admin?.id ?? ''}`);
    expect((await as(owner, 'DELETE', leaving)).status).toBe(409);
    const service = {
      client_name: 'Service',
      grant_types: ['client_credentials'],
      organization_id: organization,
    };
    const made = await as(owner, 'POST', '/admin/v1/clients', service);
    const client = String(made.body['client_id']);
    expect((await as(owner, 'DELETE', `/admin/v1/organizations/${organization}`)).status).toBe(204);
    expect(await server.tessera.store.clients.find(client)).toBeUndefined();
    expect((await as(owner, 'GET', `/admin/v1/organizations/${organization}`)).status).toBe(404);
  });
});
