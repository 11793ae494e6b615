// The token endpoint: requests it must not take, and what every answer carries.
import type { Check } from '../harness/check.ts';
import { expectError, expectNoStore, expectRefused } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import {
  authorize,
  call,
  clientCredentials,
  obtainTokens,
  postForm,
  redeem,
  requestUrl,
  tokensOf,
  userinfo,
} from '../harness/flow.ts';
import { encode, type HttpResponse, jsonOf, type Parameters } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

const UNSUPPORTED = ['unsupported_grant_type', 'invalid_request', 'unauthorized_client'];

/** A request at the token endpoint by the usual client, with a body that is no form of its own. */
async function sendBody(
  target: Target,
  contentType: string | undefined,
  body: string,
): Promise<HttpResponse> {
  const client = await target.machine();
  const secret = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  return target.send({
    method: 'POST',
    url: target.endpoint('token_endpoint'),
    headers: [
      ...(contentType === undefined ? [] : [['content-type', contentType] as const]),
      ['authorization', `Basic ${secret}`],
    ],
    body,
  });
}

function grantForm(target: Target): Parameters {
  const { api } = target.hooks;
  return { grant_type: 'client_credentials', ...(api === undefined ? {} : { resource: api.identifier }) };
}

export const tokenEndpointChecks: readonly Check[] = [
  {
    id: 'TK-06',
    title: 'The token endpoint answers POST only',
    source: 'RFC 6749 §3.2; RFC 9110 §15.5.6',
    needs: [],
    async run(target) {
      const url = `${target.endpoint('token_endpoint')}?${encode(grantForm(target))}`;
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const response = await target.send({ method, url });
        ensureOneOf(response.status, [400, 404, 405], `${method}, status`);
      }
    },
  },
  {
    id: 'TK-07',
    title: 'Credentials in the query are refused',
    source: 'RFC 6749 §2.3.1',
    needs: ['client_credentials'],
    async run(target) {
      const { id, secret } = await target.machine();
      const query = encode({ client_id: id, client_secret: secret });
      const url = `${target.endpoint('token_endpoint')}?${query}`;
      expectError(await postForm(target, url, grantForm(target)), ['invalid_client', 'invalid_request']);
    },
  },
  {
    id: 'TK-21',
    title: 'client_credentials: no identity, no refresh token, nothing for public clients',
    source: 'RFC 6749 §4.4, §4.4.3',
    needs: ['client_credentials'],
    async run(target) {
      const machine = await target.machine();
      const body = jsonOf(await clientCredentials(target, machine));
      ensure(typeof body['access_token'] === 'string', `No access token: ${JSON.stringify(body)}`);
      ensure(!('refresh_token' in body) && !('id_token' in body), 'The answer has a refresh or ID token');
      for (const scope of ['openid', 'openid offline_access']) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const answer = await clientCredentials(target, machine, { scope });
        if (answer.status === 200) {
          ensure(
            !/\b(openid|offline_access)\b/.test(JSON.stringify(jsonOf(answer)['scope'] ?? '')),
            `${scope} was granted`,
          );
          ensure(
            !('id_token' in jsonOf(answer)) && !('refresh_token' in jsonOf(answer)),
            `Identity for ${scope}`,
          );
        } else expectError(answer, ['invalid_scope'], scope);
      }
      const page = await target.spa();
      expectError(
        await clientCredentials(target, page),
        ['unauthorized_client', 'invalid_client'],
        'A public client',
      );
    },
  },
  {
    id: 'TK-22',
    title: 'Bodies that are no single form are refused, without a fault of the server',
    source: 'RFC 6749 §3.2, Appendix B; CVE-2026-9689',
    needs: ['client_credentials'],
    async run(target) {
      const form = 'application/x-www-form-urlencoded';
      const good = encode(grantForm(target));
      const limit = target.hooks.bodyLimit ?? 1024 * 1024;
      const rows: readonly (readonly [what: string, contentType: string | undefined, body: string])[] = [
        ['a parameter twice', form, `${good}&grant_type=client_credentials`],
        ['an array', form, good.replace('grant_type=', 'grant_type[]=')],
        ['JSON', 'application/json', JSON.stringify(grantForm(target))],
        [
          'multipart',
          'multipart/form-data; boundary=x',
          `--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--`,
        ],
        ['no type', undefined, good],
        ['too much', form, `${good}&x=${'x'.repeat(limit)}`],
        ['NUL', form, 'grant_type=client_credentials%00'],
        ['nothing', form, ''],
        ['noise', form, '%%%&&&===%zz'],
        ['a prototype', form, '__proto__[grant_type]=client_credentials&constructor=x'],
      ];
      for (const [what, contentType, body] of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectRefused(await sendBody(target, contentType, body), `A body with ${what}`);
      }
    },
  },
  {
    id: 'TK-23',
    title: 'Unknown and missing grant types are refused by their name',
    source: 'RFC 6749 §5.2; RFC 9700 §2.4',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const send = (form: Parameters): Promise<HttpResponse> => call(target, 'token_endpoint', client, form);
      for (const grant_type of ['password', 'implicit', 'nonsense', 'AUTHORIZATION_CODE', 'urn:x:y']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await send({ grant_type, username: 'u', password: 'p' });
        expectError(answer, UNSUPPORTED, grant_type);
      }
      expectError(await send({}), ['invalid_request', 'unsupported_grant_type'], 'No grant_type');
    },
  },
  {
    id: 'TK-24',
    title:
      'No cache keeps what comes from the token, introspection, revocation and UserInfo endpoints, errors included',
    source: 'RFC 6749 §5.1; RFC 6750 §5.3',
    needs: ['code'],
    async run(target) {
      const authorized = await authorize(target);
      const { client } = authorized;
      const good = await redeem(target, authorized);
      expectNoStore(good, 'The tokens');
      expectNoStore(await redeem(target, authorized), 'An error of the token endpoint');
      expectNoStore(await call(target, 'token_endpoint', client, {}, { anonymous: true }), 'invalid_client');
      if (target.has('introspection')) {
        expectNoStore(await call(target, 'introspection_endpoint', client, { token: 'x' }), 'Introspection');
      }
      if (target.has('revocation')) {
        expectNoStore(await call(target, 'revocation_endpoint', client, {}), 'An error of revocation');
      }
      if (target.has('userinfo')) {
        const { accessToken } = await obtainTokens(target);
        expectNoStore(await userinfo(target, accessToken), 'UserInfo');
      }
      if (target.has('par')) {
        expectNoStore(
          await call(target, 'pushed_authorization_request_endpoint', client, {}),
          'An error of PAR',
        );
      }
      if (target.has('device')) {
        expectNoStore(
          await call(target, 'device_authorization_endpoint', client, {}),
          'Device authorization',
        );
      }
    },
  },
  {
    id: 'TK-25',
    title: 'CORS never with credentials, never at the authorization endpoint',
    source: 'Fetch §3.3; OAuth 2.1 §3.1; CVE-2026-37977',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const endpoints = [
        'token_endpoint',
        'userinfo_endpoint',
        'revocation_endpoint',
        'jwks_uri',
        'introspection_endpoint',
      ];
      const urls = endpoints.flatMap((name) =>
        target.metadata[name] === undefined ? [] : [target.endpoint(name)],
      );
      for (const origin of ['https://evil.example', 'null']) {
        const headers = [
          ['origin', origin],
          ['access-control-request-method', 'POST'],
        ] as const;
        for (const url of urls) {
          for (const method of ['OPTIONS', 'GET', 'POST']) {
            // oxlint-disable-next-line no-await-in-loop -- one after the other
            const answer = await target.send({ method, url, headers });
            expectHarmless(answer, origin, `${method} ${url}`);
          }
        }
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const page = await target.get(requestUrl(target, client), [['origin', origin]]);
        ensureEqual(
          page.headers.get('access-control-allow-origin'),
          null,
          'Allowed origin of the authorization endpoint',
        );
      }
    },
  },
  {
    id: 'TK-26',
    title: 'Errors have the shape of the standard and say nothing of the inside',
    source: 'RFC 6749 §5.2; OWASP ASVS 5.0 V16.5.1',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const evil = `"'\r\n\t<script>SELECT * FROM users; ../../etc/passwd\u{1f600}`;
      const forms: readonly Parameters[] = [
        { grant_type: evil },
        { grant_type: 'authorization_code', code: evil, redirect_uri: evil, code_verifier: evil },
        { grant_type: 'refresh_token', refresh_token: evil },
        { grant_type: 'authorization_code', code: ['a', 'b'] },
      ];
      for (const form of forms) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await call(target, 'token_endpoint', client, form);
        expectError(answer, ['invalid_request', 'invalid_grant', 'unsupported_grant_type', 'invalid_client']);
        const inside = /\bat .+:\d+:\d+|node_modules|\bSELECT\b|stack|sqlite|postgres|<script/i;
        ensure(!inside.test(answer.text), `The error tells of the inside: ${answer.text}`);
      }
    },
  },
  {
    id: 'TK-20-response',
    title: 'The token response has access_token, token_type and a whole number of seconds',
    source: 'RFC 6749 §5.1',
    needs: ['code'],
    async run(target) {
      const { response } = tokensOf(await redeem(target, await authorize(target)));
      const body = jsonOf(response);
      ensureMatch(response.headers.get('content-type'), /^application\/json/i, 'Content-Type');
      ensureMatch(String(body['token_type']), /^bearer$/i, 'token_type');
      ensureMatch(String(body['access_token']), /^[A-Za-z0-9\-._~+/]+=*$/, 'Characters of access_token');
      ensure(
        Number.isInteger(body['expires_in']) && Number(body['expires_in']) > 0,
        `expires_in: ${String(body['expires_in'])}`,
      );
    },
  },
];

function expectHarmless({ headers }: HttpResponse, origin: string, what: string): void {
  ensureEqual(headers.get('access-control-allow-credentials'), null, `${what} for ${origin}: credentials`);
}
