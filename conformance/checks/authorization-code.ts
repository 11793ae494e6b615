// The authorization code at the token endpoint: once, by its client, with its verifier.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual } from '../harness/failure.ts';
import { authorize, call, createPkce, isActive, redeem, tokensOf } from '../harness/flow.ts';
import type { Parameters } from '../harness/http.ts';

const GRANT = ['invalid_grant'];
const REFUSED = ['invalid_grant', 'invalid_request'];
const CLIENT_OR_GRANT = ['invalid_grant', 'invalid_client', 'invalid_request', 'unauthorized_client'];

const verifierRows: readonly (readonly [what: string, (verifier: string) => Parameters])[] = [
  ['no verifier', () => ({ code_verifier: undefined })],
  ['another verifier', () => ({ code_verifier: createPkce().verifier })],
  ['the challenge itself', (verifier) => ({ code_verifier: createPkce(verifier).challenge })],
  ['42 characters', () => ({ code_verifier: 'a'.repeat(42) })],
  ['129 characters', () => ({ code_verifier: 'a'.repeat(129) })],
  ['an empty verifier', () => ({ code_verifier: '' })],
];

export const authorizationCodeChecks: readonly Check[] = [
  {
    id: 'TK-01',
    title: 'A code works once; the second use ends what the first one got',
    source: 'RFC 6749 §4.1.2, §10.5; oidcc-codereuse',
    needs: ['code', 'introspection'],
    async run(target) {
      const authorized = await authorize(target);
      const { accessToken, refreshToken } = tokensOf(await redeem(target, authorized));
      const { client } = authorized;
      ensure(await isActive(target, client, accessToken), 'The access token is not active before');
      expectError(await redeem(target, authorized), GRANT, 'The second use');
      ensure(!(await isActive(target, client, accessToken)), 'The access token of the first use is active');
      if (refreshToken === '') return;
      ensure(!(await isActive(target, client, refreshToken)), 'The refresh token of the first use is active');
    },
  },
  {
    id: 'fapi2-attempt-reuse-authorization-code-after-one-second',
    title: 'A code used a second later is refused, too',
    source: 'FAPI 2.0 Security Profile §5.3.2.1; RFC 6749 §4.1.2',
    needs: ['code', 'clock'],
    async run(target) {
      const authorized = await authorize(target);
      tokensOf(await redeem(target, authorized));
      await target.hooks.moveClock?.(1000);
      expectError(await redeem(target, authorized), GRANT, 'The second use');
    },
  },
  {
    id: 'TK-02',
    title: 'Of 32 parallel uses of a code exactly one gets tokens, at most',
    source: 'RFC 6749 §4.1.2; CVE-2026-53517',
    needs: ['code'],
    async run(target) {
      for (let round = 0; round < 3; round++) {
        // oxlint-disable-next-line no-await-in-loop -- round by round
        const authorized = await authorize(target);
        // oxlint-disable-next-line no-await-in-loop -- round by round
        const answers = await Promise.all(Array.from({ length: 32 }, () => redeem(target, authorized)));
        const good = answers.filter(({ status }) => status === 200);
        ensureEqual(good.length, 1, 'Number of answers with tokens');
        for (const answer of answers) if (answer.status !== 200) expectError(answer, GRANT);
      }
    },
  },
  {
    id: 'TK-03',
    title: 'A code of one client is worth nothing to another',
    source: 'RFC 6749 §4.1.3; RFC 9700 §4.5; CVE-2026-55672; fapi2-authorization-code-is-bound-to-client',
    needs: ['code'],
    async run(target) {
      for (const thief of [await target.otherWeb(), await target.spa()]) {
        // oxlint-disable no-await-in-loop -- two
        const authorized = await authorize(target);
        const stolen = { ...authorized, client: thief };
        expectError(await redeem(target, stolen), CLIENT_OR_GRANT, 'The other client');
        expectError(await redeem(target, authorized, {}, { anonymous: true }), CLIENT_OR_GRANT, 'Nobody');
        // oxlint-enable no-await-in-loop
      }
    },
  },
  {
    id: 'fapi2-client-id-in-token-endpoint',
    title: 'A client_id in the body that is not that of the credentials is refused',
    source: 'RFC 6749 §3.2.1, §5.2',
    needs: ['code'],
    async run(target) {
      const other = await target.otherWeb();
      const answer = await redeem(target, await authorize(target), { client_id: other.id });
      expectError(answer, CLIENT_OR_GRANT);
    },
  },
  {
    id: 'TK-04',
    title: 'A redirect_uri at the token endpoint must be that of the request',
    source: 'RFC 6749 §4.1.3',
    needs: ['code'],
    async run(target) {
      for (const redirect_uri of [
        'https://app.example.com/cb/',
        'https://evil.example/cb',
        'https://app.example.com/cb?x=1',
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await redeem(target, await authorize(target), { redirect_uri });
        expectError(answer, REFUSED, redirect_uri);
      }
    },
  },
  {
    id: 'TK-05',
    title: 'Only the right verifier redeems a code',
    source: 'RFC 7636 §4.6; RFC 9700 §4.8.2; CVE-2023-48228; fapi2-par-ensure-pkce-required',
    needs: ['code'],
    async run(target) {
      for (const client of [await target.web(), await target.spa()]) {
        for (const [what, change] of verifierRows) {
          // oxlint-disable no-await-in-loop -- one after the other
          const authorized = await authorize(target, { client });
          expectError(await redeem(target, authorized, change(authorized.verifier)), REFUSED, what);
          // oxlint-enable no-await-in-loop
        }
      }
    },
  },
  {
    id: 'AZ-84',
    title: 'A code is dead after 60 seconds',
    source: 'RFC 6749 §4.1.2; FAPI 2.0 Security Profile §5.3.2.1; fapi2-fails-with-expired-auth-code',
    needs: ['code', 'clock'],
    async run(target) {
      const authorized = await authorize(target);
      await target.hooks.moveClock?.(61_000);
      expectError(await redeem(target, authorized), GRANT);
    },
  },
  {
    id: 'TK-30',
    title: 'No other string passes for a code, nor a code for a refresh token',
    source: 'CVE-2026-4282 (one store, no types)',
    needs: ['code', 'refresh'],
    async run(target) {
      const authorized = await authorize(target, {
        parameters: target.has('offline_access') ? { scope: 'openid offline_access', prompt: 'consent' } : {},
      });
      const { client, code, verifier, redirectUri } = authorized;
      const { accessToken, refreshToken, idToken } = tokensOf(await redeem(target, authorized));
      const fresh = await authorize(target);
      for (const value of [
        accessToken,
        refreshToken,
        idToken,
        `${fresh.code}x`,
        fresh.code.slice(0, -1),
        'x',
      ]) {
        const form = {
          grant_type: 'authorization_code',
          code: value,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await call(target, 'token_endpoint', client, form), REFUSED, 'As a code');
      }
      for (const value of [accessToken, idToken, code, fresh.code]) {
        const form = { grant_type: 'refresh_token', refresh_token: value };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await call(target, 'token_endpoint', client, form), REFUSED, 'As a refresh token');
      }
    },
  },
];
