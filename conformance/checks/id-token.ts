// The ID token: who is told of, by whom, for whom, and how it is signed.
import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Check } from '../harness/check.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import { obtainTokens, signedIn, userinfo } from '../harness/flow.ts';
import { jsonOf, type Parameters } from '../harness/http.ts';
import { verified } from '../harness/jwt.ts';
import type { Target } from '../harness/target.ts';

export async function idTokenOf(
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

async function jwksOf(target: Target): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { keys } = jsonOf(await target.get(target.endpoint('jwks_uri')));
  ensure(Array.isArray(keys), 'The JWKS has no keys');
  return keys as Record<string, unknown>[];
}

export const idTokenChecks: readonly Check[] = [
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
