// When a person is asked to sign in again, and when the answer comes without a page.
import { decodeJwt, type JWTPayload } from 'jose';
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect, expectQuestion } from '../harness/expectations.ts';
import { ensure, ensureEqual } from '../harness/failure.ts';
import { authorize, lead, obtainTokens, redeem, requestUrl, signedIn, tokensOf } from '../harness/flow.ts';
import { encode, type Parameters } from '../harness/http.ts';
import type { Client, Target } from '../harness/target.ts';
import { idTokenOf } from './id-token.ts';

async function askedAgain(
  target: Target,
  client: Client,
  parameters: Parameters,
): Promise<{ before: JWTPayload; after: JWTPayload }> {
  const browser = await signedIn(target);
  const before = await idTokenOf(target, { max_age: '100000' }, browser);
  await target.hooks.moveClock?.(2000);
  const url = requestUrl(target, client, parameters);
  expectQuestion(await browser.get(url), encode(parameters));
  const after = await idTokenOf(target, parameters, browser);
  return { before, after };
}

export const promptChecks: readonly Check[] = [
  {
    id: 'oidcc-prompt-login',
    title: 'prompt=login asks for a sign-in again, and auth_time is later',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid', 'clock'],
    async run(target) {
      const { before, after } = await askedAgain(target, await target.web(), {
        prompt: 'login',
        max_age: '100000',
      });
      ensureEqual(after.sub, before.sub, 'sub');
      ensure(Number(after['auth_time']) > Number(before['auth_time']), 'auth_time is not later');
    },
  },
  {
    id: 'oidcc-max-age-1',
    title: 'max_age=1 asks for a sign-in after a second; auth_time is present and later',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid', 'clock'],
    async run(target) {
      const { before, after } = await askedAgain(target, await target.web(), { max_age: '1' });
      ensure(Number(after['auth_time']) > Number(before['auth_time']), 'auth_time is not later');
    },
  },
  {
    id: 'oidcc-max-age-10000',
    title: 'max_age=10000 asks for no sign-in; auth_time is present and the same',
    source: 'OpenID Connect Core §3.1.2.1, §2',
    needs: ['code', 'openid'],
    async run(target) {
      const browser = await signedIn(target);
      const times = [
        await idTokenOf(target, { max_age: '10000' }, browser),
        await idTokenOf(target, { max_age: '10000', prompt: 'none' }, browser),
      ];
      ensure(typeof times[0]?.['auth_time'] === 'number', 'auth_time is missing');
      ensureEqual(times[1]?.['auth_time'], times[0]['auth_time'], 'auth_time');
    },
  },
  {
    id: 'oidcc-prompt-none-logged-in',
    title: 'prompt=none with a session answers at once: same sub, same auth_time',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid'],
    async run(target) {
      const browser = await signedIn(target);
      const before = await idTokenOf(target, { max_age: '10000' }, browser);
      const authorized = await authorize(target, {
        browser,
        parameters: { prompt: 'none', max_age: '10000' },
      });
      ensureEqual(authorized.visit.hops.length, 1, 'Number of answers');
      const after = decodeJwt(tokensOf(await redeem(target, authorized)).idToken);
      ensureEqual([after.sub, after['auth_time']], [before.sub, before['auth_time']], 'sub and auth_time');
    },
  },
  {
    id: 'oidcc-prompt-none-not-logged-in',
    title: 'prompt=none without a session: login_required to the app, with the state',
    source: 'OpenID Connect Core §3.1.2.6',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const visit = await target.browser().get(requestUrl(target, client, { prompt: 'none' }));
      expectErrorRedirect(target, visit, client, ['login_required', 'interaction_required']);
    },
  },
  {
    id: 'oidcc-id-token-hint',
    title: 'prompt=none with the ID token of the person as hint succeeds with the same sub',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid'],
    async run(target) {
      const browser = await signedIn(target);
      const { idToken } = await obtainTokens(target, { browser });
      const again = await idTokenOf(target, { prompt: 'none', id_token_hint: idToken }, browser);
      ensureEqual(again.sub, decodeJwt(idToken).sub, 'sub');
    },
  },
  {
    id: 'OIDC-prompt-none-alone',
    title: 'prompt=none with another value is refused',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const visit = await target.browser().get(requestUrl(target, client, { prompt: 'none login' }));
      expectErrorRedirect(target, visit, client, ['invalid_request']);
    },
  },
  {
    id: 'fapi2-user-rejects-authentication',
    title: 'A person who denies: access_denied to the app, with iss and state',
    source: 'RFC 6749 §4.1.2.1; RFC 9207 §2',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const browser = await signedIn(target);
      const first = await browser.get(requestUrl(target, client, { prompt: 'consent' }));
      const visit = await lead(target, browser, first, { decision: 'deny' });
      expectErrorRedirect(target, visit, client, ['access_denied']);
      ensureEqual(new URL(visit.leftFor ?? '').searchParams.get('iss'), target.metadata['issuer'], 'iss');
    },
  },
];
