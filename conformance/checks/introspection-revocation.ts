// Introspection and revocation: who may ask, what they are told, what ends.
import type { Check } from '../harness/check.ts';
import { expectError, expectNoStore } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import {
  authorize,
  basic,
  call,
  clientCredentials,
  isActive,
  obtainRefreshable,
  obtainTokens,
  postForm,
  refresh,
  tokensOf,
  userinfo,
} from '../harness/flow.ts';
import type { RegisteredCredentials } from '../harness/hooks.ts';
import { type HttpResponse, jsonOf } from '../harness/http.ts';
import { APP_URI, type Client, type Target } from '../harness/target.ts';

const CLIENT = ['invalid_client'];

function asClient({ client_id: id, client_secret: secret }: RegisteredCredentials): Client {
  return { id, secret, redirectUri: APP_URI, authMethod: 'client_secret_basic', metadata: {} };
}

function introspect(target: Target, client: Client, token: string, more = {}): Promise<HttpResponse> {
  return call(target, 'introspection_endpoint', client, { token, ...more });
}

async function apiToken(target: Target): Promise<string> {
  return tokensOf(await clientCredentials(target, await target.machine())).accessToken;
}

const introspectionChecks: readonly Check[] = [
  {
    id: 'IN-01',
    title: 'Introspection tells nobody without credentials, nor a bearer of a token',
    source: 'RFC 7662 §2.1, §4; CVE-2024-47077',
    needs: ['introspection', 'code'],
    async run(target) {
      const { accessToken } = await obtainTokens(target);
      const spa = await target.spa();
      const url = target.endpoint('introspection_endpoint');
      const bearer = ['authorization', `Bearer ${accessToken}`] as const;
      const answers = [
        await postForm(target, url, { token: accessToken }),
        await postForm(target, url, { token: accessToken }, [bearer]),
        await introspect(target, spa, accessToken),
        await postForm(target, url, { token: accessToken }, [basic((await target.web()).id, 'wrong')]),
      ];
      for (const answer of answers) {
        ensureOneOf(answer.status, [400, 401, 403], 'Status');
        ensure(jsonOf(answer)['active'] === undefined, 'The answer says whether the token is active');
      }
    },
  },
  {
    id: 'IN-01-audience',
    title: 'An API is told about tokens for itself, and that others are not active',
    source: 'RFC 7662 §2.2, §4; CVE-2024-47077',
    needs: ['introspection', 'client_credentials', 'api', 'other_api'],
    async run(target) {
      const { api, otherApi } = target.hooks;
      if (api?.server === undefined || otherApi?.server === undefined) return;
      const token = await apiToken(target);
      ensureEqual(
        jsonOf(await introspect(target, asClient(api.server), token))['active'],
        true,
        'active for its API',
      );
      const other = await introspect(target, asClient(otherApi.server), token);
      ensureEqual(jsonOf(other), { active: false }, 'What another API is told');
    },
  },
  {
    id: 'IN-01-response',
    title: 'What introspection says of a live token is of the right types',
    source: 'RFC 7662 §2.2',
    needs: ['introspection', 'code'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      const answer = await introspect(target, client, accessToken);
      ensureEqual(answer.status, 200, 'Status');
      ensureMatch(answer.headers.get('content-type'), /^application\/json\b/i, 'Content-Type');
      const body = jsonOf(answer);
      ensureEqual(body['active'], true, 'active');
      ensureEqual(body['client_id'], client.id, 'client_id');
      ensureEqual(body['iss'], target.issuer, 'iss');
      for (const name of ['exp', 'iat']) ensure(Number.isInteger(body[name]), `${name} is no whole number`);
      ensureMatch(body['scope'], /\bopenid\b/, 'scope');
    },
  },
  {
    id: 'IN-02',
    title: 'Unknown, mistyped and foreign strings get {"active":false} and nothing else',
    source: 'RFC 7662 §2.2, §4',
    needs: ['introspection', 'code'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      const values = [
        'x',
        'x'.repeat(4000),
        `${accessToken}x`,
        accessToken.slice(0, -1),
        'a\0b',
        '"><script>',
        accessToken.toUpperCase(),
      ];
      for (const value of values) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await introspect(target, client, value);
        ensureEqual([answer.status, answer.text], [200, '{"active":false}'], 'Status and body');
      }
      expectError(await call(target, 'introspection_endpoint', client, {}), ['invalid_request'], 'No token');
    },
  },
  {
    id: 'IN-03-expired',
    title: 'A token is not active any more from its expiry on',
    source: 'RFC 7662 §4',
    needs: ['introspection', 'code', 'clock'],
    async run(target) {
      const client = await target.web();
      const { accessToken, response } = await obtainTokens(target);
      const lifetime = Number(jsonOf(response)['expires_in']);
      await target.hooks.moveClock?.((lifetime - 5) * 1000);
      ensure(await isActive(target, client, accessToken), 'The token is dead before its time');
      await target.hooks.moveClock?.(6000);
      ensure(!(await isActive(target, client, accessToken)), 'The token is active after its time');
      ensureEqual((await userinfo(target, accessToken)).status, 401, 'Status of UserInfo');
    },
  },
  {
    id: 'IN-04',
    title: 'A code, an ID token or a token of another client is not active',
    source: 'RFC 7662 §4; CVE-2026-4282',
    needs: ['introspection', 'code', 'openid'],
    async run(target) {
      const [client, other] = [await target.web(), await target.otherWeb()];
      const { code } = await authorize(target);
      const { idToken, accessToken } = await obtainTokens(target);
      ensure(!(await isActive(target, client, code)), 'A code is active');
      ensure(!(await isActive(target, client, idToken)), 'An ID token is active');
      ensure(!(await isActive(target, other, accessToken)), 'Another client is told of the token');
    },
  },
  {
    id: 'RFC9701',
    title: 'A signed answer of introspection: typ, aud, iat and the answer inside token_introspection',
    source: 'RFC 9701 §4, §5',
    needs: ['introspection', 'signed_introspection', 'client_credentials', 'api'],
    async run(target) {
      const server = target.hooks.api?.server;
      if (server === undefined) return;
      const accept = [['accept', 'application/token-introspection+jwt']] as const;
      const token = await apiToken(target);
      const answer = await call(
        target,
        'introspection_endpoint',
        asClient(server),
        { token },
        { headers: accept },
      );
      ensureMatch(
        answer.headers.get('content-type'),
        /^application\/token-introspection\+jwt\b/i,
        'Content-Type',
      );
      const [head = '', body = ''] = answer.text.split('.');
      const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
      ensureEqual(header['typ'], 'token-introspection+jwt', 'typ');
      ensureEqual([claims['iss'], claims['aud']], [target.issuer, server.client_id], 'iss and aud');
      ensure(Number.isInteger(claims['iat']), 'iat');
      ensure(!('sub' in claims) && !('exp' in claims), 'The JWT has sub or exp of its own');
      ensureEqual(
        (claims['token_introspection'] as { active?: boolean } | undefined)?.active,
        true,
        'active',
      );
    },
  },
];

const revocationChecks: readonly Check[] = [
  {
    id: 'RV-01',
    title: 'Nobody revokes the token of another client',
    source: 'RFC 7009 §2.1',
    needs: ['revocation', 'introspection', 'code'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      for (const other of [await target.otherWeb(), await target.spa()]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const answer = await call(target, 'revocation_endpoint', other, { token: accessToken });
        ensureOneOf(answer.status, [200, 400, 401, 403], 'Status');
        // oxlint-disable-next-line no-await-in-loop -- two
        ensure(await isActive(target, client, accessToken), 'The token is dead');
      }
    },
  },
  {
    id: 'RV-02',
    title: 'Revocation: invalid_client without credentials, 200 for an unknown token and for a wrong hint',
    source: 'RFC 7009 §2.1, §2.2, §2.2.1',
    needs: ['revocation', 'code', 'introspection'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      const nobody = await call(
        target,
        'revocation_endpoint',
        client,
        { token: accessToken },
        { anonymous: true },
      );
      expectError(nobody, [...CLIENT, 'invalid_request'], 'Without credentials');
      const wrong = await postForm(target, target.endpoint('revocation_endpoint'), { token: accessToken }, [
        basic(client.id, 'wrong'),
      ]);
      expectError(wrong, CLIENT, 'With a wrong secret');
      ensure(await isActive(target, client, accessToken), 'The token is dead');
      ensureEqual(
        (await call(target, 'revocation_endpoint', client, { token: 'unknown' })).status,
        200,
        'Unknown token',
      );
      expectError(await call(target, 'revocation_endpoint', client, {}), ['invalid_request'], 'No token');
      const hinted = await call(target, 'revocation_endpoint', client, {
        token: accessToken,
        token_type_hint: 'refresh_token',
      });
      ensureEqual(hinted.status, 200, 'Status with a wrong hint');
      ensure(!(await isActive(target, client, accessToken)), 'A wrong hint kept the token alive');
    },
  },
  {
    id: 'RV-03',
    title: 'A revoked refresh token takes the access tokens of its grant along; the answer is empty',
    source: 'RFC 7009 §2.1',
    needs: ['revocation', 'introspection', 'code', 'refresh'],
    async run(target) {
      const client = await target.web();
      const { accessToken, refreshToken } = await obtainRefreshable(target);
      const answer = await call(target, 'revocation_endpoint', client, { token: refreshToken });
      ensureEqual([answer.status, answer.text], [200, ''], 'Status and body');
      expectError(await refresh(target, client, refreshToken), ['invalid_grant'], 'The refresh token');
      ensure(!(await isActive(target, client, accessToken)), 'The access token is active');
      ensureEqual((await userinfo(target, accessToken)).status, 401, 'Status of UserInfo');
    },
  },
  {
    id: 'RV-03-access',
    title: 'A revoked access token is dead at once',
    source: 'RFC 7009 §2.1, §3',
    needs: ['revocation', 'introspection', 'code', 'refresh'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      ensureEqual(
        (await call(target, 'revocation_endpoint', client, { token: accessToken })).status,
        200,
        'Status',
      );
      ensure(!(await isActive(target, client, accessToken)), 'The access token is active');
      ensureEqual((await userinfo(target, accessToken)).status, 401, 'Status of UserInfo');
    },
  },
  {
    id: 'RV-04',
    title: 'A revocation that could not be stored is answered 503, not 200',
    source: 'RFC 7009 §2.2.1; CVE-2020-15223',
    needs: ['revocation', 'introspection', 'code', 'break_store'],
    async run(target) {
      const client = await target.web();
      const { accessToken } = await obtainTokens(target);
      const mend = await target.hooks.breakStore?.();
      const answer = await call(target, 'revocation_endpoint', client, { token: accessToken });
      mend?.();
      ensureEqual(answer.status, 503, 'Status');
      expectNoStore(answer, 'The answer');
    },
  },
];

export const introspectionAndRevocationChecks: readonly Check[] = [
  ...introspectionChecks,
  ...revocationChecks,
];
