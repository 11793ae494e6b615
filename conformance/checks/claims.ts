// Claims by name, signed UserInfo, identifiers that no two apps share.
import { decodeJwt } from 'jose';
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect } from '../harness/expectations.ts';
import { ensureEqual, ensureMatch } from '../harness/failure.ts';
import { obtainTokens, requestUrl, signedIn, userinfo } from '../harness/flow.ts';
import { type HttpResponse, jsonOf } from '../harness/http.ts';
import { verified } from '../harness/jwt.ts';
import { idTokenOf } from './id-token.ts';

export const claimChecks: readonly Check[] = [
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
