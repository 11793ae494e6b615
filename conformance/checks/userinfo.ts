// The UserInfo endpoint as an API that takes tokens, and what it tells for which scope.
import { decodeJwt } from 'jose';
import type { Check } from '../harness/check.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { obtainTokens, userinfo } from '../harness/flow.ts';
import { encode, jsonOf } from '../harness/http.ts';
import type { Feature } from '../harness/metadata.ts';

export const userinfoChecks: readonly Check[] = [
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
