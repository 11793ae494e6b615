// Signing in by another OpenID provider: what comes back is good in one browser, for one provider, once; an address
// opens no account.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callApi } from '../admin-calls.ts';
import { STORES, type StoreKind } from '../harness.ts';
import { mailTo } from '../mails.ts';
import { findForm, titleOf, type Visit } from '../no-script-browser.ts';
import type { Person } from '../registrations.ts';
import { startUpstreamPair, type UpstreamPair } from '../upstream.ts';

describe.each(STORES)('on %s', (store: StoreKind) => {
  let pair: UpstreamPair;
  let people = 0;
  const newPerson = (): Promise<Person> =>
    pair.there.registerPerson({ email: `person-${(people += 1)}@elsewhere.test` });

  beforeAll(async () => {
    pair = await startUpstreamPair(store);
  });
  afterAll(() => pair?.close());
  beforeEach(async () => {
    await pair.change({ create_accounts: true, status: 'active', keep_tokens: true });
  });

  const isSignedIn = (visit: Visit, person: Person): boolean =>
    visit.status === 200 && visit.page.includes(`<dd>${person.email}</dd>`);
  const signedInHere = async () => {
    const person = await pair.here.registerPerson({ email: `own-${(people += 1)}-${store}@example.test` });
    const here = pair.here.newBrowser();
    const { email, password } = person;
    const { page } = await here.submit(await here.get('/login'), { email, password });
    return { person, here, page };
  };
  const linkOf = (page: string): string => /href="(\/login\/with\/[^"]+link=[^"]+)"/.exec(page)?.[1] ?? '';
  const formTokenOf = (page: string) => findForm(page, ['form_token']).fields['form_token'];
  const refusal = (visit: Visit): string => {
    expect(visit.status).toBe(400);
    return titleOf(visit.page);
  };

  describe('refuses (US-05)', () => {
    it('a provider that is not there, or disabled', async () => {
      const { here } = pair.newBrowsers();
      expect((await here.get('/login/with/idp_none')).status).toBe(400);
      await pair.change({ status: 'disabled' });
      expect((await here.get(`/login/with/${pair.providerId}`)).status).toBe(400);
      expect((await here.get('/login')).page).not.toContain('Continue with');
    });

    it('an answer in another browser: nobody is signed in by somebody else’s code', async () => {
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      const victim = pair.here.newBrowser();
      await victim.get('/login');
      expect(refusal(await victim.get(back.href))).toContain('not started here');
      await victim.get(`/login/with/${pair.providerId}`);
      expect(refusal(await victim.get(back.href))).toContain('not started here');
    });

    it('a second use, and all but one of many at once', async () => {
      const browsers = pair.newBrowsers();
      const person = await newPerson();
      const back = await pair.signInThere(browsers, person);
      const cookies = new Map(browsers.here.cookies);
      const visits = await Promise.all(
        Array.from({ length: 8 }, () => {
          const twin = pair.here.newBrowser();
          for (const [name, value] of cookies) twin.cookies.set(name, value);
          return twin.get(back.href);
        }),
      );
      expect(visits.filter((visit) => isSignedIn(visit, person))).toHaveLength(1);
      const late = pair.here.newBrowser();
      for (const [name, value] of cookies) late.cookies.set(name, value);
      expect(refusal(await late.get(back.href))).toContain('not started here');
    });

    it('the state of another provider', async () => {
      const other = await callApi(pair.here, pair.admin, 'POST', '/admin/v1/identity-providers', {
        issuer: `https://other-${store}.example`,
        name: 'Other',
        client_id: 'here',
      });
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      const elsewhere = `/login/with/${String(other.body['id'])}/callback${back.search}`;
      expect(refusal(await browsers.here.get(elsewhere))).toContain('not started here');
    });

    it.each([
      ['another state', 'state', 'x'.repeat(43)],
      ['no state', 'state', undefined],
      ['another issuer (RFC 9207)', 'iss', 'https://attacker.example'],
      ['no issuer, where it has to be named', 'iss', undefined],
      ['another code', 'code', 'tsr_ac_none'],
      ['no code', 'code', undefined],
    ])('%s', async (_what, name, value) => {
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      if (value === undefined) back.searchParams.delete(name);
      else back.searchParams.set(name, value);
      refusal(await browsers.here.get(back.href));
      expect((await browsers.here.get('/login')).page).toContain('Continue with Elsewhere');
    });

    it('two states', async () => {
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      back.searchParams.append('state', back.searchParams.get('state') ?? '');
      expect(refusal(await browsers.here.get(back.href))).toContain('not started here');
    });

    it('what is too old', async () => {
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      pair.here.clock.advance(10 * 60_000);
      expect(refusal(await browsers.here.get(back.href))).toContain('not started here');
      pair.here.clock.reset();
    });

    it('a cookie with one changed byte', async () => {
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      const [name, value] = [...browsers.here.cookies].find(([each]) => each.endsWith('-with')) ?? ['', ''];
      const at = Math.floor(value.length / 2);
      const changed = `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
      browsers.here.cookies.set(name, changed);
      expect(refusal(await browsers.here.get(back.href))).toContain('not started here');
    });

    it('to open an account by its address, verified or not', async () => {
      const email = `both-${store}@example.test`;
      const person = await pair.there.registerPerson({ email });
      const { user } = await pair.here.registerPerson({ email });
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, person);
      expect(refusal(await browsers.here.get(back.href))).toContain('account with your address already');
      expect(await pair.here.tessera.store.upstreamIdentities.ofUser(user.id)).toEqual([]);
    });

    it('to make an account for an address that the provider has not verified', async () => {
      const person = await newPerson();
      const { users } = pair.there.tessera.store;
      const [event] = await pair.there.auditEvents('user.created');
      await users.update(
        { ...person.user, emailVerified: false, updatedAt: Date.now() },
        { ...event!, id: `evt_x${people}` },
      );
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, person);
      expect(refusal(await browsers.here.get(back.href))).toContain('has not verified your address');
      expect(await pair.here.tessera.store.users.findByEmail(person.email)).toBeUndefined();
    });

    it('anybody unknown, where accounts are not made', async () => {
      await pair.change({ create_accounts: false });
      const browsers = pair.newBrowsers();
      const back = await pair.signInThere(browsers, await newPerson());
      expect(refusal(await browsers.here.get(back.href))).toContain('No account here is linked');
    });

    it('somebody whose account here is disabled', async () => {
      const person = await newPerson();
      const browsers = pair.newBrowsers();
      await browsers.here.get((await pair.signInThere(browsers, person)).href);
      const user = await pair.here.tessera.store.users.findByEmail(person.email);
      await callApi(pair.here, pair.admin, 'PATCH', `/admin/v1/users/${user?.id}`, { status: 'disabled' });
      const again = pair.newBrowsers();
      const refused = refusal(await again.here.get((await pair.signInThere(again, person)).href));
      expect(refused).toContain('No account here is linked');
    });

    it('to link without a fresh sign-in here', async () => {
      const browsers = pair.newBrowsers();
      const away = await browsers.here.get(`/login/with/${pair.providerId}?link=1`);
      expect(away.leftFor).toBeUndefined();
      expect(away.page).toContain('Sign in');
    });

    it('to link by a link of another site, or of another session', async () => {
      const victim = await signedInHere();
      const attacker = await signedInHere();
      for (const link of ['1', linkOf(attacker.page).split('link=')[1], formTokenOf(victim.page)]) {
        const away = await victim.here.get(`/login/with/${pair.providerId}?link=${link}`);
        expect(away.leftFor).toBeUndefined();
        expect(away.page).toContain('Not linked');
      }
    });
  });

  it('makes an account for somebody new, and knows them the next time', async () => {
    const person = await newPerson();
    const browsers = pair.newBrowsers();
    const visit = await browsers.here.get((await pair.signInThere(browsers, person)).href);
    expect(isSignedIn(visit, person)).toBe(true);
    const user = await pair.here.tessera.store.users.findByEmail(person.email);
    expect(user).toMatchObject({ emailVerified: true, role: 'member' });
    expect(user).not.toHaveProperty('passwordHash');
    const again = pair.newBrowsers();
    expect(isSignedIn(await again.here.get((await pair.signInThere(again, person)).href), person)).toBe(true);
    expect(await pair.here.tessera.store.upstreamIdentities.ofUser(user?.id ?? '')).toHaveLength(1);
    const [event] = await pair.here.auditEvents('identity.linked');
    expect(event).toMatchObject({ userId: user?.id, detail: { provider: pair.providerId } });
  });

  it('takes no name from a provider that nobody could choose here', async () => {
    const email = 'odd-name@example.test';
    const person = await pair.there.registerPerson({ email, displayName: 'Two\u2028lines' });
    const browsers = pair.newBrowsers();
    await browsers.here.get((await pair.signInThere(browsers, person)).href);
    const user = await pair.here.tessera.store.users.findByEmail(email);
    expect(user?.displayName).toBe('odd-name');
  });

  it('goes on to the app that waits', async () => {
    const { confidential } = pair.here.clients;
    const browsers = pair.newBrowsers();
    const query = new URLSearchParams({
      client_id: confidential.id,
      response_type: 'code',
      redirect_uri: confidential.redirectUri,
      scope: 'openid',
      state: 'of the app',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const login = await browsers.here.get(`/authorize?${query}`);
    const button = /href="(\/login\/with\/[^"]+)"/.exec(login.page)?.[1]?.replaceAll('&amp;', '&');
    const back = await pair.signInThere(browsers, await newPerson(), button);
    const consent = await browsers.here.get(back.href);
    const done = await browsers.here.submit(consent, {}, 'allow');
    expect(done.leftFor?.searchParams.get('state')).toBe('of the app');
    expect(done.leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
  });

  it('links the account of somebody who is signed in, and only one', async () => {
    const { here, page, person: own } = await signedInHere();
    const person = await newPerson();
    const browsers = { ...pair.newBrowsers(), here };
    const link = linkOf(page);
    const linked = await browsers.here.get((await pair.signInThere(browsers, person, link)).href);
    expect(linked.page).toContain('Linked: you may sign in with it.');
    const told = await mailTo(pair.here, own.email);
    expect([told.purpose, told.text.includes(pair.there.issuer)]).toEqual(['identity_linked', true]);
    const fresh = pair.newBrowsers();
    const visit = await fresh.here.get((await pair.signInThere(fresh, person)).href);
    expect(isSignedIn(visit, own)).toBe(true);
    const somebodyElse = await newPerson();
    const other = { here: browsers.here, there: pair.there.newBrowser() };
    const refused = await other.here.get((await pair.signInThere(other, somebodyElse, link)).href);
    expect(refusal(refused)).toContain('linked already');
  });

  it('unlinks by a person who is signed in, but not their only way in', async () => {
    const person = await newPerson();
    const browsers = pair.newBrowsers();
    await browsers.here.get((await pair.signInThere(browsers, person)).href);
    const page = await browsers.here.get('/login');
    const action = `/login/with/${pair.providerId}/unlink`;
    const { form_token: formToken = '' } = findForm(page.page, ['form_token']).fields;
    const { store: kept } = pair.here.tessera;
    const user = await kept.users.findByEmail(person.email);
    const links = async () => (await kept.upstreamIdentities.ofUser(user?.id ?? '')).length;
    expect(refusal(await browsers.here.post(action, { form_token: formToken }))).toContain('only way');
    await browsers.here.post(action, { form_token: 'another' });
    await browsers.here.post(action, { form_token: formToken }, { origin: 'https://attacker.example' });
    expect(await links()).toBe(1);
    await callApi(pair.here, pair.admin, 'PATCH', `/admin/v1/users/${user?.id}`, {
      password: 'a password of some length',
    });
    const again = pair.newBrowsers();
    const signedIn = await again.here.get((await pair.signInThere(again, person)).href);
    const { fields } = findForm(signedIn.page, ['form_token']);
    await again.here.post(action, { form_token: fields['form_token'] ?? '' });
    expect(await links()).toBe(0);
  });

  it('leaves no token and no code in the log', async () => {
    const browsers = pair.newBrowsers();
    const back = await pair.signInThere(browsers, await newPerson());
    await browsers.here.get(back.href);
    const log = pair.here.log.join('');
    expect(log).not.toContain(back.searchParams.get('code'));
    expect(log).not.toMatch(/tsr_(at|rt)_/);
  });
});
