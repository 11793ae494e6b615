// The refresh token: bound, rotated or kept, and never more than what was granted.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch } from '../harness/failure.ts';
import { isActive, obtainRefreshable, refresh, type Tokens, tokensOf, userinfo } from '../harness/flow.ts';
import type { Client, Target } from '../harness/target.ts';

const GRANT = ['invalid_grant'];
const DAY_MS = 86_400_000;

async function spaTokens(target: Target): Promise<{ client: Client; first: Tokens }> {
  const client = await target.spa();
  return { client, first: await obtainRefreshable(target, { client }) };
}

async function expectDead(target: Target, client: Client, refreshToken: string, what: string): Promise<void> {
  expectError(await refresh(target, client, refreshToken), ['invalid_grant', 'invalid_client'], what);
}

export const refreshTokenChecks: readonly Check[] = [
  {
    id: 'oidcc-refresh-token',
    title: 'A refresh token buys an access token and an ID token of the same person',
    source: 'RFC 6749 §6; OpenID Connect Core §12.2',
    needs: ['code', 'refresh', 'openid'],
    async run(target) {
      const client = await target.web();
      const first = await obtainRefreshable(target, { client });
      ensureMatch(first.refreshToken, /^[\x20-\x7e]+$/, 'Characters of the refresh token');
      const second = tokensOf(await refresh(target, client, first.refreshToken));
      ensure(second.accessToken !== first.accessToken, 'The access token is the same');
      const claims = [first, second].map(({ idToken }) => decode(idToken));
      if (second.idToken === '') return;
      for (const name of ['iss', 'sub', 'aud', 'auth_time']) {
        ensureEqual(claims[1]?.[name], claims[0]?.[name], `${name} of the ID token`);
      }
    },
  },
  {
    id: 'TK-14',
    title: 'A rotated refresh token that comes back ends its family',
    source: 'RFC 9700 §4.14.2; OAuth 2.1 §4.3.1',
    needs: ['code', 'refresh', 'clock'],
    async run(target) {
      const { client, first } = await spaTokens(target);
      const second = tokensOf(await refresh(target, client, first.refreshToken));
      ensure(
        second.refreshToken !== '' && second.refreshToken !== first.refreshToken,
        'The token was not replaced',
      );
      await target.hooks.moveClock?.(600_000);
      await expectDead(target, client, first.refreshToken, 'The old token');
      await expectDead(target, client, second.refreshToken, 'Its successor');
    },
  },
  {
    id: 'TK-14-used',
    title: 'Once the successor was used, its predecessor is refused at once and ends the family',
    source: 'RFC 9700 §4.14.2',
    needs: ['code', 'refresh'],
    async run(target) {
      const { client, first } = await spaTokens(target);
      const second = tokensOf(await refresh(target, client, first.refreshToken));
      const third = tokensOf(await refresh(target, client, second.refreshToken));
      await expectDead(target, client, first.refreshToken, 'The first token');
      await expectDead(target, client, third.refreshToken, 'The third token');
      const { status } = await userinfo(target, third.accessToken);
      ensureEqual(status, 401, 'UserInfo with the access token of the family');
    },
  },
  {
    id: 'TK-15',
    title: 'A refresh sent twice in a moment leaves one live token at most',
    source: 'RFC 9700 §4.14.2',
    needs: ['code', 'refresh'],
    async run(target) {
      const { client, first } = await spaTokens(target);
      const answers = [
        await refresh(target, client, first.refreshToken),
        await refresh(target, client, first.refreshToken),
      ];
      const live = new Set(
        answers.filter(({ status }) => status === 200).map((one) => tokensOf(one).refreshToken),
      );
      ensureEqual(live.size, 1, 'Number of different successors');
    },
  },
  {
    id: 'TK-16',
    title: 'Of 32 parallel refreshes no two get different successors',
    source: 'RFC 9700 §4.14.2; CVE-2026-50631',
    needs: ['code', 'refresh'],
    async run(target) {
      const { client, first } = await spaTokens(target);
      const answers = await Promise.all(
        Array.from({ length: 32 }, () => refresh(target, client, first.refreshToken)),
      );
      const live = new Set(
        answers.filter(({ status }) => status === 200).map((one) => tokensOf(one).refreshToken),
      );
      ensureEqual(live.size, 1, 'Number of different successors');
      for (const answer of answers) if (answer.status !== 200) expectError(answer, GRANT);
    },
  },
  {
    id: 'TK-17',
    title: 'A refresh token works for its own client only',
    source: 'RFC 6749 §6, §10.4; CVE-2026-55672',
    needs: ['code', 'refresh'],
    async run(target) {
      const [web, spa, other] = [await target.web(), await target.spa(), await target.otherWeb()];
      const ofWeb = await obtainRefreshable(target, { client: web });
      await expectDead(target, other, ofWeb.refreshToken, 'Another confidential client');
      await expectDead(target, spa, ofWeb.refreshToken, 'A public client');
      const ofSpa = await obtainRefreshable(target, { client: spa });
      await expectDead(
        target,
        web,
        ofSpa.refreshToken,
        'A confidential client with the token of a public one',
      );
      tokensOf(await refresh(target, web, ofWeb.refreshToken));
    },
  },
  {
    id: 'TK-18',
    title: 'A refresh may narrow the scope, never widen it; the grant stays the ceiling',
    source: 'RFC 6749 §6',
    needs: ['code', 'refresh', 'scope_email'],
    async run(target) {
      const client = await target.web();
      const options = { client, parameters: { scope: 'openid email offline_access', prompt: 'consent' } };
      const first = await obtainRefreshable(target, options);
      const wider = await refresh(target, client, first.refreshToken, { scope: 'openid email profile' });
      expectError(wider, ['invalid_scope'], 'A wider scope');
      const narrow = tokensOf(await refresh(target, client, first.refreshToken, { scope: 'openid' }));
      ensureEqual(narrow.scope, 'openid', 'scope of the narrowed answer');
      const next = narrow.refreshToken === '' ? first.refreshToken : narrow.refreshToken;
      const again = tokensOf(await refresh(target, client, next));
      ensure(again.scope.split(' ').includes('email'), `The full scope is gone: ${again.scope}`);
    },
  },
  ...afterwards(),
  {
    id: 'TK-20',
    title: 'Refresh tokens end when unused, and at last even when used',
    source: 'RFC 9700 §4.14.2; OAuth 2.1 §4.3.2',
    needs: ['code', 'refresh', 'clock'],
    async run(target) {
      const idle = await spaTokens(target);
      await target.hooks.moveClock?.(31 * DAY_MS);
      await expectDead(target, idle.client, idle.first.refreshToken, 'Unused for 31 days');
      const used = await spaTokens(target);
      let token = used.first.refreshToken;
      for (let week = 0; week < 80; week++) {
        // oxlint-disable no-await-in-loop -- week by week
        await target.hooks.moveClock?.(7 * DAY_MS);
        const answer = await refresh(target, used.client, token);
        // oxlint-enable no-await-in-loop
        if (answer.status !== 200) return expectError(answer, GRANT);
        token = tokensOf(answer).refreshToken;
      }
      ensure(false, 'A token that is used every week has no end within 80 weeks');
    },
  },
];

/** What takes a refresh token with it. */
function afterwards(): readonly Check[] {
  const rows = [
    ['user-disabled', 'disable_user', 'the person is disabled'],
    ['password-changed', 'change_password', 'the password is changed'],
    ['client-disabled', 'disable_client', 'the client is disabled'],
    ['consent-ended', 'end_consent', 'the consent is taken back'],
  ] as const;
  return rows.map(([name, feature, what]) => ({
    id: `TK-19-${name}`,
    title: `When ${what}, refresh and access tokens are dead within a second`,
    source: 'RFC 9700 §4.14.2; CVE-2026-1609',
    needs: ['code', 'refresh', feature],
    async run(target) {
      const { hooks } = target;
      const user = await hooks.createUser();
      const client = await target.createClient({ client_name: what });
      const tokens = await obtainRefreshable(target, { client, user, browser: target.browser() });
      ensureEqual((await userinfo(target, tokens.accessToken)).status, 200, 'Status of UserInfo before');
      if (feature === 'disable_user') await hooks.disableUser?.(user);
      else if (feature === 'change_password') await hooks.changePassword?.(user);
      else if (feature === 'disable_client') await hooks.disableClient?.(client.id);
      else await hooks.endConsent?.(user, client.id);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await expectDead(target, client, tokens.refreshToken, 'The refresh token');
      ensureEqual((await userinfo(target, tokens.accessToken)).status, 401, 'Status of UserInfo');
      const web = await target.web();
      ensure(
        !target.has('introspection') || !(await isActive(target, web, tokens.accessToken)),
        'The token is active',
      );
    },
  }));
}

function decode(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString() || '{}') as Record<
    string,
    unknown
  >;
}
