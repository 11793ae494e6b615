// OpenID Connect: the ID token, UserInfo, and what a sign-in was.
import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect, expectQuestion } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import {
  authorize,
  lead,
  obtainTokens,
  redeem,
  requestUrl,
  signedIn,
  tokensOf,
  userinfo,
} from '../harness/flow.ts';
import { encode, type HttpResponse, jsonOf, type Parameters } from '../harness/http.ts';
import { verified } from '../harness/jwt.ts';
import type { Feature } from '../harness/metadata.ts';
import type { Client, Target } from '../harness/target.ts';

async function idTokenOf(
  target: Target,
  parameters: Parameters = {},
  browser?: Awaited<ReturnType<typeof signedIn>>,
): Promise<JWTPayload> {
  const { idToken } = await obtainTokens(target, {
    parameters,
    ...(browser === undefined ? {} : { browser }),
  });
  return decodeJwt(idToken);
}

const idTokenChecks: readonly Check[] = [
  {
    id: 'oidcc-server',
    title:
      'The code flow gives an ID token with iss, sub, aud, exp, iat, nonce, and UserInfo of the same sub',
    source: 'OpenID Connect Core §2, §3.1.3.3, §5.3.2',
    needs: ['code', 'openid', 'userinfo'],
    async run(target) {
      const client = await target.web();
      const { idToken, accessToken } = await obtainTokens(target, {
        parameters: { nonce: 'nonce-of-the-app' },
      });
      const { payload } = await verified(target, idToken, {
        issuer: target.issuer,
        audience: client.id,
      });
      ensureEqual(payload['nonce'], 'nonce-of-the-app', 'nonce');
      ensure(typeof payload.sub === 'string' && payload.sub.length <= 255, 'sub');
      ensure(
        typeof payload.iat === 'number' && typeof payload.exp === 'number' && payload.exp > payload.iat,
        'iat and exp',
      );
      if ([payload.aud].flat().length > 1) ensureEqual(payload['azp'], client.id, 'azp');
      const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
      if (payload['at_hash'] !== undefined) ensureEqual(payload['at_hash'], half, 'at_hash');
      const answer = await userinfo(target, accessToken);
      ensureEqual(answer.status, 200, 'Status of UserInfo');
      ensureEqual(jsonOf(answer)['sub'], payload.sub, 'sub of UserInfo');
    },
  },
  {
    id: 'oidcc-idtoken-signature',
    title: 'The ID token is signed with RS256 by a key of the JWKS that it names by kid',
    source: 'OpenID Connect Core §2, §10.1, §15.1',
    needs: ['code', 'openid'],
    async run(target) {
      const { idToken } = await obtainTokens(target);
      const header = decodeProtectedHeader(idToken);
      ensureEqual(header.alg, 'RS256', 'alg');
      const keys = (await jwksOf(target)).filter((key) => key['kid'] === header.kid);
      ensureEqual(keys.length, 1, 'Number of keys with the kid');
      await verified(target, idToken);
      const algorithms = target.metadata['id_token_signing_alg_values_supported'];
      ensure(
        Array.isArray(algorithms) && algorithms.includes('RS256'),
        'id_token_signing_alg_values_supported lacks RS256',
      );
    },
  },
  {
    id: 'oidcc-idtoken-unsigned',
    title: 'Nobody gets unsigned ID tokens: alg none is not offered and cannot be registered',
    source: 'OpenID Connect Core §2; Dynamic Client Registration §2',
    needs: ['code', 'openid'],
    async run(target) {
      const algorithms = target.metadata['id_token_signing_alg_values_supported'];
      ensure(Array.isArray(algorithms) && !algorithms.includes('none'), 'The metadata offer none');
      await target.expectRegistrationRefused({ id_token_signed_response_alg: 'none' }, 'unsigned ID tokens');
    },
  },
  {
    id: 'OIDC-nonce-absent',
    title: 'Without a nonce in the request there is none in the ID token',
    source: 'OpenID Connect Core §2',
    needs: ['code', 'openid'],
    run: async (target) => ensureEqual((await idTokenOf(target))['nonce'], undefined, 'nonce'),
  },
  {
    id: 'OIDC-no-openid',
    title: 'Without the scope openid there is no ID token, and UserInfo refuses the access token',
    source: 'OpenID Connect Core §3.1.2.1, §5.3',
    needs: ['code', 'openid', 'api'],
    async run(target) {
      const { api } = target.hooks;
      const { idToken, accessToken } = await obtainTokens(target, {
        parameters: { scope: api?.scopes[0], resource: api?.identifier },
      });
      ensureEqual(idToken, '', 'The ID token');
      ensureOneOf((await userinfo(target, accessToken)).status, [401, 403], 'Status of UserInfo');
    },
  },
];

async function jwksOf(target: Target): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { keys } = jsonOf(await target.get(target.endpoint('jwks_uri')));
  ensure(Array.isArray(keys), 'The JWKS has no keys');
  return keys as Record<string, unknown>[];
}

const userinfoChecks: readonly Check[] = [
  ...(['get', 'post-header', 'post-body'] as const).map(
    (way): Check => ({
      id: `oidcc-userinfo-${way}`,
      title:
        way === 'post-body'
          ? 'UserInfo by POST with the token in the body: answered, or refused without a fault'
          : `UserInfo by ${way === 'get' ? 'GET' : 'POST with the token in the header'}`,
      source: 'OpenID Connect Core §5.3.1; RFC 6750 §2',
      needs: ['code', 'openid', 'userinfo'],
      async run(target) {
        const { accessToken, idToken } = await obtainTokens(target);
        const url = target.endpoint('userinfo_endpoint');
        const form = way === 'post-body' ? encode({ access_token: accessToken }) : '';
        const answer = await target.send({
          method: way === 'get' ? 'GET' : 'POST',
          url,
          headers: [
            ...(way === 'post-body' ? [] : [['authorization', `Bearer ${accessToken}`] as const]),
            ...(way === 'get' ? [] : [['content-type', 'application/x-www-form-urlencoded'] as const]),
          ],
          ...(way === 'get' ? {} : { body: form }),
        });
        if (way === 'post-body' && answer.status !== 200)
          return ensureOneOf(answer.status, [400, 401], 'Status');
        ensureEqual(answer.status, 200, 'Status');
        ensureMatch(answer.headers.get('content-type'), /^application\/(json|jwt)\b/i, 'Content-Type');
        ensureEqual(jsonOf(answer)['sub'], decodeJwt(idToken).sub, 'sub');
      },
    }),
  ),
  scopeCheck('profile', ['scope_profile'], (claims) => ensureMatch(claims['name'], /\S/, 'name')),
  scopeCheck('email', ['scope_email'], (claims) => {
    ensureMatch(claims['email'], /^\S+@\S+$/, 'email');
    ensureEqual(typeof claims['email_verified'], 'boolean', 'Type of email_verified');
  }),
  scopeCheck('address', ['scope_address'], (claims) =>
    ensureEqual(typeof claims['address'], 'object', 'Type of address'),
  ),
  scopeCheck('phone', ['scope_phone'], (claims) =>
    ensureMatch(claims['phone_number'], /^\+/, 'phone_number'),
  ),
  {
    id: 'oidcc-scope-minimal',
    title: 'UserInfo says no more than the scopes allow',
    source: 'OpenID Connect Core §5.4',
    needs: ['code', 'openid', 'userinfo'],
    async run(target) {
      const { accessToken } = await obtainTokens(target, { parameters: { scope: 'openid' } });
      const claims = jsonOf(await userinfo(target, accessToken));
      for (const name of [
        'email',
        'email_verified',
        'name',
        'phone_number',
        'address',
        'given_name',
        'updated_at',
      ]) {
        ensure(!(name in claims), `UserInfo says ${name} for openid alone`);
      }
    },
  },
  {
    id: 'RFC6750-errors',
    title: 'UserInfo refuses missing, wrong and misplaced tokens with the challenge of the standard',
    source: 'RFC 6750 §2.3, §3, §3.1, §5.3',
    needs: ['code', 'openid', 'userinfo'],
    async run(target) {
      const url = target.endpoint('userinfo_endpoint');
      const { accessToken, idToken } = await obtainTokens(target);
      const missing = await target.get(url);
      ensureEqual(missing.status, 401, 'Status without a token');
      ensureMatch(
        missing.headers.get('www-authenticate'),
        /^(Bearer|DPoP)\b/i,
        'WWW-Authenticate without a token',
      );
      ensure(
        !(missing.headers.get('www-authenticate') ?? '').includes('error='),
        'An error is named without a token',
      );
      for (const token of ['nonsense', `${accessToken}x`, accessToken.slice(0, -1), idToken]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await userinfo(target, token);
        ensureEqual(answer.status, 401, 'Status with a wrong token');
        ensureMatch(
          answer.headers.get('www-authenticate'),
          /error="?invalid_token/,
          'WWW-Authenticate with a wrong token',
        );
      }
      const inUrl = await target.get(`${url}?access_token=${encodeURIComponent(accessToken)}`);
      ensureOneOf(inUrl.status, [400, 401], 'Status with the token in the URL');
      const twice = await target.get(url, [
        ['authorization', `Bearer ${accessToken}`],
        ['authorization', 'Bearer x'],
      ]);
      ensureOneOf(twice.status, [400, 401], 'Status with two headers');
    },
  },
  {
    id: 'fapi2-access-token-type-header-case-sensitivity',
    title: 'The scheme of the Authorization header is not case-sensitive',
    source: 'RFC 9110 §11.1; RFC 6750 §2.1',
    needs: ['code', 'openid', 'userinfo'],
    async run(target) {
      const { accessToken } = await obtainTokens(target);
      for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
        const url = target.endpoint('userinfo_endpoint');
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await target.get(url, [['authorization', `${scheme} ${accessToken}`]]);
        ensureEqual(status, 200, `Status with ${scheme}`);
      }
    },
  },
];

function scopeCheck(
  scope: string,
  needs: readonly Feature[],
  look: (claims: Readonly<Record<string, unknown>>) => void,
): Check {
  return {
    id: `oidcc-scope-${scope}`,
    title: `The scope ${scope} gives its claims at UserInfo, of the right types`,
    source: 'OpenID Connect Core §5.1, §5.4',
    needs: ['code', 'openid', 'userinfo', ...needs],
    async run(target) {
      const { accessToken } = await obtainTokens(target, { parameters: { scope: `openid ${scope}` } });
      look(jsonOf(await userinfo(target, accessToken)));
    },
  };
}

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

const promptChecks: readonly Check[] = [
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

const claimChecks: readonly Check[] = [
  {
    id: 'oidcc-claims-essential',
    title: 'The claims parameter is honoured: an essential name comes from UserInfo',
    source: 'OpenID Connect Core §5.5',
    needs: ['code', 'openid', 'userinfo', 'claims_parameter'],
    async run(target) {
      const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
      const { accessToken } = await obtainTokens(target, { parameters: { claims } });
      ensureMatch(jsonOf(await userinfo(target, accessToken))['name'], /\S/, 'name');
    },
  },
  {
    id: 'OIDC-claims-malformed',
    title: 'A claims parameter that is no JSON object is refused, without a fault',
    source: 'OpenID Connect Core §5.5',
    needs: ['code', 'openid', 'claims_parameter'],
    async run(target) {
      const client = await target.web();
      for (const claims of ['{', '[]', '"x"', 'null', '{"userinfo":[]}']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(requestUrl(target, client, { claims }));
        expectErrorRedirect(target, visit, client, ['invalid_request']);
      }
    },
  },
  {
    id: 'OIDC-claims-sub',
    title: 'A claims parameter that wants another sub than that of the session gets no code of this one',
    source: 'OpenID Connect Core §5.5.1',
    needs: ['code', 'openid', 'claims_parameter'],
    async run(target) {
      const client = await target.web();
      const claims = JSON.stringify({ id_token: { sub: { value: 'somebody-else' } } });
      const browser = await signedIn(target);
      const visit = await browser.get(requestUrl(target, client, { claims, prompt: 'none' }));
      expectErrorRedirect(target, visit, client, ['login_required', 'interaction_required', 'access_denied']);
    },
  },
  {
    id: 'OIDC-registration-parameter',
    title: 'Self-issued registration is not ignored: registration_not_supported',
    source: 'OpenID Connect Core §3.1.2.6, §7.2.1',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const visit = await target.browser().get(requestUrl(target, client, { registration: '{}' }));
      expectErrorRedirect(target, visit, client, ['registration_not_supported', 'invalid_request']);
    },
  },
  {
    id: 'oidcc-userinfo-rs256',
    title: 'UserInfo signed for whoever registered it: iss, aud and sub',
    source: 'OpenID Connect Core §5.3.2',
    needs: ['code', 'openid', 'userinfo', 'signed_userinfo'],
    async run(target) {
      const client = await target.createClient({ userinfo_signed_response_alg: 'RS256' });
      const { accessToken, idToken } = await obtainTokens(target, { client });
      const answer: HttpResponse = await userinfo(target, accessToken);
      ensureMatch(answer.headers.get('content-type'), /^application\/jwt\b/i, 'Content-Type');
      const { payload } = await verified(target, answer.text, {
        issuer: target.issuer,
        audience: client.id,
        algorithms: ['RS256'],
      });
      ensureEqual(payload.sub, decodeJwt(idToken).sub, 'sub');
    },
  },
  {
    id: 'OIDC-pairwise',
    title: 'Pairwise: another sub for each sector, the same at UserInfo and in the ID token',
    source: 'OpenID Connect Core §8.1',
    needs: ['code', 'openid', 'userinfo', 'pairwise'],
    async run(target) {
      const subjects: unknown[] = [];
      for (const host of ['one', 'two']) {
        // oxlint-disable no-await-in-loop -- two
        const client = await target.createClient({
          subject_type: 'pairwise',
          redirect_uris: [`https://${host}.example.com/cb`],
        });
        const { accessToken, idToken } = await obtainTokens(target, { client });
        const { sub } = decodeJwt(idToken);
        ensureEqual(jsonOf(await userinfo(target, accessToken))['sub'], sub, 'sub of UserInfo');
        // oxlint-enable no-await-in-loop
        subjects.push(sub);
      }
      const { sub } = await idTokenOf(target);
      ensureEqual(new Set([...subjects, sub]).size, 3, 'Number of different subjects');
    },
  },
];

export const openidChecks: readonly Check[] = [
  ...idTokenChecks,
  ...userinfoChecks,
  ...promptChecks,
  ...claimChecks,
];
