// Token exchange, the JWT bearer grant, and the response modes that are offered.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Check } from '../harness/check.ts';
import { expectError, expectErrorRedirect } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import {
  answerOf,
  attempt,
  call,
  clientCredentials,
  lead,
  obtainTokens,
  redeem,
  requestUrl,
  signedIn,
  tokensOf,
  userinfo,
} from '../harness/flow.ts';
import { formsOf } from '../harness/html.ts';
import { type HttpResponse, jsonOf, type Parameters } from '../harness/http.ts';
import { assemble, randomId, seconds, sign, verified } from '../harness/jwt.ts';
import { type Client, createKey, type Target } from '../harness/target.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const REFUSED = [
  'invalid_request',
  'invalid_grant',
  'invalid_target',
  'unauthorized_client',
  'invalid_scope',
];

function exchanger(target: Target): Promise<Client> {
  return target.once('exchanger', () =>
    target.createClient({
      client_name: 'Exchanger',
      grant_types: [
        'authorization_code',
        EXCHANGE,
        ...(target.has('client_credentials') ? ['client_credentials'] : []),
      ],
      ...(target.hooks.api === undefined ? {} : { scope: ['openid', ...target.hooks.api.scopes].join(' ') }),
    }),
  );
}

function exchange(target: Target, client: Client, more: Parameters): Promise<HttpResponse> {
  return call(target, 'token_endpoint', client, {
    grant_type: EXCHANGE,
    subject_token_type: ACCESS_TOKEN,
    ...more,
  });
}

function assertionGrant(target: Target, client: Client, assertion: string): Promise<HttpResponse> {
  return call(target, 'token_endpoint', client, { grant_type: BEARER, assertion });
}

export const otherGrantChecks: readonly Check[] = [
  {
    id: 'TK-28',
    title: 'Token exchange: what is foreign, expired, unsigned or of the wrong type gets nothing',
    source: 'RFC 8693 §2.1, §2.2.2; CVE-2026-1609',
    needs: ['token_exchange', 'code'],
    async run(target) {
      const client = await exchanger(target);
      const { accessToken, idToken } = await obtainTokens(target, { client });
      const rows: readonly Parameters[] = [
        {},
        { subject_token: 'nonsense' },
        { subject_token: `${accessToken}x` },
        { subject_token: idToken },
        { subject_token: accessToken, subject_token_type: undefined },
        { subject_token: accessToken, subject_token_type: 'urn:nonsense' },
        { subject_token: accessToken, requested_token_type: 'urn:nonsense' },
        { subject_token: accessToken, actor_token: accessToken },
        { subject_token: accessToken, actor_token_type: ACCESS_TOKEN },
        { subject_token: accessToken, resource: 'https://unknown.example/' },
        {
          subject_token: assemble(
            { alg: 'none', typ: 'at+jwt' },
            { iss: target.issuer, sub: 'x', exp: seconds(60) },
          ),
        },
      ];
      for (const more of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await exchange(target, client, more), REFUSED, JSON.stringify(Object.keys(more)));
      }
    },
  },
  {
    id: 'TK-28-unregistered',
    title: 'Token exchange is for clients that are registered for it',
    source: 'RFC 8693 §2.2.2; RFC 6749 §5.2',
    needs: ['token_exchange', 'code'],
    async run(target) {
      const { accessToken } = await obtainTokens(target);
      const answer = await exchange(target, await target.web(), { subject_token: accessToken });
      expectError(answer, ['unauthorized_client', 'invalid_request', 'access_denied']);
    },
  },
  {
    id: 'TK-28-scope',
    title: 'Token exchange never widens the scope of the subject token',
    source: 'RFC 8693 §2.1, §5',
    needs: ['token_exchange', 'client_credentials', 'api'],
    async run(target) {
      const client = await exchanger(target);
      const { api } = target.hooks;
      const { accessToken } = tokensOf(await clientCredentials(target, client));
      const wider = await exchange(target, client, {
        subject_token: accessToken,
        resource: api?.identifier,
        scope: api?.scopes[1],
      });
      if (wider.status === 200) return ensureEqual(jsonOf(wider)['scope'], api?.scopes[0], 'scope');
      expectError(wider, REFUSED);
    },
  },
  {
    id: 'TK-29',
    title: 'The JWT bearer grant: assertions of unknown issuers, unsigned, expired or for others get nothing',
    source: 'RFC 7523 §3.1; CVE-2026-1486',
    needs: ['jwt_bearer'],
    async run(target) {
      const client = await target.createClient({
        grant_types: [BEARER],
        response_types: [],
        redirect_uris: [],
      });
      const claims = {
        iss: 'https://nobody.example',
        sub: 'x',
        aud: target.issuer,
        jti: randomId(),
        iat: seconds(),
        exp: seconds(60),
      };
      const assertions = [
        'nonsense',
        '',
        assemble({ alg: 'none' }, claims),
        await sign(await createKey('ES256'), claims),
        await sign(await createKey('ES256'), { ...claims, iss: target.issuer }),
        await sign(await createKey('ES256'), { ...claims, iss: client.id, sub: client.id }),
      ];
      for (const assertion of assertions) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(
          await assertionGrant(target, client, assertion),
          ['invalid_grant', 'invalid_request'],
          assertion.slice(0, 20),
        );
      }
    },
  },
  {
    id: 'AZ-79-form-post',
    title: 'form_post: a page that sends the answer by itself, escaped, under a policy, kept by nobody',
    source: 'OAuth 2.0 Form Post Response Mode §2; CVE-2026-29191',
    needs: ['form_post', 'code'],
    async run(target) {
      const state = '"><script>alert(1)</script>';
      const client = await target.web();
      const { visit, answer, ...rest } = await attempt(target, {
        client,
        parameters: { response_mode: 'form_post', state },
      });
      ensureEqual([visit.leftFor, visit.status], [undefined, 200], 'Redirect and status');
      const form = formsOf(visit.text).find(({ action }) => action === client.redirectUri);
      ensure(form?.method === 'post', 'There is no form to the redirect URI');
      ensureEqual(
        [form.fields['state'], form.fields['iss']],
        [state, target.metadata['issuer']],
        'state and iss',
      );
      ensure(!visit.text.includes('<script>alert(1)'), 'The page holds the state as it came');
      const policy = visit.headers.get('content-security-policy') ?? '';
      ensure(policy !== '', 'There is no policy');
      const bound = /form-action ([^;]*)/.exec(policy)?.[1];
      ensure(bound === undefined || bound.includes('https://app.example.com'), `form-action ${bound}`);
      ensure(!/unsafe-inline/.test(policy), 'Inline code is allowed');
      ensureMatch(visit.headers.get('cache-control'), /no-store/, 'Cache-Control');
      tokensOf(await redeem(target, { ...rest, visit, answer }));
    },
  },
  {
    id: 'JARM',
    title: 'response_mode=jwt: one parameter, signed, for the client, short-lived; errors, too',
    source: 'JWT Secured Authorization Response Mode §2.1, §2.3, §4.4',
    needs: ['jarm', 'code'],
    async run(target) {
      const client = await target.web();
      for (const more of [{}, { prompt: 'none' }]) {
        // oxlint-disable no-await-in-loop -- two
        const browser = 'prompt' in more ? target.browser() : await signedIn(target);
        const url = requestUrl(target, client, { response_mode: 'jwt', ...more });
        const visit = await lead(target, browser, await browser.get(url));
        const answer = answerOf(target, visit);
        ensureEqual([...answer.keys()], ['response'], 'Parameters of the answer');
        const { payload } = await verified(target, answer.get('response') ?? '', {
          issuer: target.issuer,
          audience: client.id,
        });
        // oxlint-enable no-await-in-loop
        ensure(typeof payload.exp === 'number' && payload.exp - seconds() <= 600, 'exp');
        ensureEqual(payload['state'], 'state-of-the-app', 'state');
        ensure('code' in payload === !('prompt' in more), `code: ${'code' in payload}`);
        ensure(decodeProtectedHeader(answer.get('response') ?? '').alg !== 'none', 'The answer is unsigned');
      }
    },
  },
  {
    id: 'RFC9396',
    title: 'authorization_details: unknown types and what is no list are refused; granted ones come back',
    source: 'RFC 9396 §2, §5, §7',
    needs: ['rich_requests', 'code'],
    async run(target) {
      const client = await target.web();
      for (const authorization_details of [
        '{',
        '{}',
        '"x"',
        '[1]',
        '[{}]',
        '[{"type":"no-such-type"}]',
        '[{"type":1}]',
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(requestUrl(target, client, { authorization_details }));
        expectErrorRedirect(target, visit, client, ['invalid_authorization_details', 'invalid_request']);
      }
    },
  },
  {
    id: 'RFC9470',
    title:
      'acr_values that can be met are met, and the ID token says so; an essential acr that cannot is an error',
    source: 'RFC 9470 §4, §5; OpenID Connect Core §3.1.2.1, §5.5.1.1',
    needs: ['acr_values', 'code', 'openid'],
    async run(target) {
      // All of them: which one a person can meet depends on what they have to sign in with.
      const acr = ((target.metadata['acr_values_supported'] ?? []) as string[]).join(' ');
      const { idToken, accessToken } = await obtainTokens(target, { parameters: { acr_values: acr } });
      ensureEqual(typeof decodeJwt(idToken)['acr'], 'string', 'Type of acr');
      if (target.has('userinfo'))
        ensureOneOf((await userinfo(target, accessToken)).status, [200], 'Status of UserInfo');
      if (!target.has('claims_parameter')) return;
      const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:no-such-acr'] } } });
      const client = await target.web();
      const { visit } = await attempt(target, { client, parameters: { claims } });
      expectErrorRedirect(target, visit, client, [
        'unmet_authentication_requirements',
        'access_denied',
        'invalid_request',
      ]);
    },
  },
];
