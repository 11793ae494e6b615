// Parameters of the authorization request that a server may pass over, and those it repeats.
import type { Check } from '../harness/check.ts';
import { expectNoCode, expectQuestion } from '../harness/expectations.ts';
import { ensure, ensureEqual } from '../harness/failure.ts';
import {
  attempt,
  authorizationParameters,
  createPkce,
  obtainTokens,
  redeem,
  tokensOf,
} from '../harness/flow.ts';
import { encode, type Parameters } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

export const authorizationParameterChecks: readonly Check[] = [
  {
    id: 'oidcc-ensure-post-request-succeeds',
    title: 'The authorization endpoint takes a POST of a form from the app',
    source: 'OpenID Connect Core §3.1.2.1',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const parameters = authorizationParameters(client, createPkce());
      const visit = await target.browser().post(target.endpoint('authorization_endpoint'), parameters, [
        ['content-type', 'application/x-www-form-urlencoded'],
        ['origin', 'https://app.example.com'],
        ['sec-fetch-site', 'cross-site'],
      ]);
      expectQuestion(visit);
    },
  },
  {
    id: 'oidcc-ensure-request-with-unknown-parameter-succeeds',
    title: 'An unknown parameter is ignored',
    source: 'RFC 6749 §3.1; OpenID Connect Core §3.1.2.1',
    needs: ['code'],
    run: (target) => expectGoodRequest(target, { extra: 'value', 'also[]': 'x' }),
  },
  ...accepted('oidcc-display-page', 'display=page', { display: 'page' }),
  ...accepted('oidcc-display-popup', 'display=popup', { display: 'popup' }),
  ...accepted('oidcc-ui-locales', 'ui_locales', { ui_locales: 'se sv-SE en' }),
  ...accepted('oidcc-claims-locales', 'claims_locales', { claims_locales: 'se sv-SE' }),
  ...accepted('oidcc-login-hint', 'login_hint', { login_hint: 'somebody@example.test' }),
  ...accepted('oidcc-ensure-request-with-acr-values-succeeds', 'acr_values', { acr_values: '1 2' }),
  ...accepted('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', 'No nonce', { nonce: undefined }),
  ...accepted('fapi2-without-state', 'No state', { state: undefined }),
  {
    id: 'oidcc-alternate-happy-flow',
    title: 'The order of scopes and of parameters does not matter',
    source: 'RFC 6749 §3.3; oidcc-ensure-other-scope-order-succeeds',
    needs: ['code', 'scope_email'],
    async run(target) {
      const client = await target.web();
      const pkce = createPkce();
      const { response_type, ...rest } = authorizationParameters(client, pkce, { scope: 'email openid' });
      const reversed = Object.fromEntries(Object.entries({ response_type, ...rest }).toReversed());
      const browser = target.browser();
      expectQuestion(await browser.get(`${target.endpoint('authorization_endpoint')}?${encode(reversed)}`));
      const { idToken } = await obtainTokens(target, { parameters: { scope: 'email openid' } });
      ensure(idToken !== '', 'There is no ID token');
    },
  },
  ...echoed('fapi2-long-state', 'state', 'A state of 512 characters', 'x'.repeat(512)),
  ...echoed('fapi2-64-char-nonce', 'nonce', 'A nonce of 64 characters', 'n'.repeat(64)),
  ...echoed('fapi2-long-nonce', 'nonce', 'A nonce of 384 characters', 'n'.repeat(384)),
];

async function expectGoodRequest(target: Target, parameters: Parameters): Promise<void> {
  const { accessToken } = await obtainTokens(target, { parameters });
  ensure(accessToken !== '', 'There is no access token');
}

function accepted(id: string, what: string, parameters: Parameters): readonly Check[] {
  return [
    {
      id,
      title: `${what}: accepted, and the flow succeeds`,
      source: 'OpenID Connect Core §3.1.2.1',
      needs: ['code', 'openid'],
      run: (target) => expectGoodRequest(target, parameters),
    },
  ];
}

function echoed(id: string, name: 'state' | 'nonce', what: string, value: string): readonly Check[] {
  return [
    {
      id,
      title: `${what} comes back whole, or is refused`,
      source: 'FAPI 2.0 Security Profile §5.3.1.2',
      needs: ['code', 'openid'],
      async run(target) {
        const authorized = await attempt(target, { parameters: { [name]: value } });
        if (authorized.code === '') return expectNoCode(target, authorized.visit, ['invalid_request']);
        if (name === 'state') return ensureEqual(authorized.answer.get('state'), value, 'state');
        const { idToken } = tokensOf(await redeem(target, authorized));
        const payload = JSON.parse(
          Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString(),
        ) as object;
        ensureEqual((payload as { nonce?: string }).nonce, value, 'nonce of the ID token');
      },
    },
  ];
}
