// Resource indicators and the access tokens for them.
import { decodeJwt } from 'jose';
import type { Check } from '../harness/check.ts';
import { expectError, expectErrorRedirect } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch } from '../harness/failure.ts';
import {
  call,
  clientCredentials,
  obtainRefreshable,
  authorize,
  redeem,
  refresh,
  requestUrl,
  tokensOf,
} from '../harness/flow.ts';
import { jsonOf } from '../harness/http.ts';
import { verified } from '../harness/jwt.ts';

const TARGET = ['invalid_target'];

export const resourceChecks: readonly Check[] = [
  {
    id: 'TK-27',
    title: 'An unknown resource, a fragment, two resources or another one at refresh: invalid_target',
    source: 'RFC 8707 §2',
    needs: ['client_credentials', 'api', 'other_api', 'code', 'refresh'],
    async run(target) {
      const [machine, web] = [await target.machine(), await target.web()];
      const { api, otherApi } = target.hooks;
      const known = api?.identifier ?? '';
      const other = otherApi?.identifier ?? '';
      for (const resource of ['https://unknown.example/', `${known}#x`, `${known}x`, 'not a uri']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await clientCredentials(target, machine, { resource }), TARGET, resource);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(requestUrl(target, web, { resource }));
        expectErrorRedirect(target, visit, web, TARGET);
      }
      const parameters = { resource: known, scope: `openid ${api?.scopes[0]}` };
      const { refreshToken } = await obtainRefreshable(target, {
        parameters: { ...parameters, prompt: 'consent' },
      });
      expectError(
        await refresh(target, web, refreshToken, { resource: other }),
        TARGET,
        'Another one at refresh',
      );
    },
  },
  {
    id: 'TK-27-aud',
    title: 'The audience of a token is the resource, and no other',
    source: 'RFC 8707 §2.2; RFC 9068 §3',
    needs: ['client_credentials', 'api', 'introspection'],
    async run(target) {
      const machine = await target.machine();
      const { accessToken } = tokensOf(await clientCredentials(target, machine));
      const { aud } =
        target.hooks.api?.tokenFormat === 'jwt'
          ? decodeJwt(accessToken)
          : jsonOf(await call(target, 'introspection_endpoint', machine, { token: accessToken }));
      ensureEqual([aud].flat(), [target.hooks.api?.identifier], 'aud');
    },
  },
  {
    id: 'RFC9068',
    title: 'A JWT access token has typ at+jwt, the claims of the profile, and a signature of a published key',
    source: 'RFC 9068 §2.1, §2.2, §4',
    needs: ['client_credentials', 'api'],
    async run(target) {
      if (target.hooks.api?.tokenFormat !== 'jwt') return;
      const machine = await target.machine();
      const { accessToken } = tokensOf(await clientCredentials(target, machine));
      const { payload, header } = await verified(target, accessToken, {
        issuer: target.issuer,
        audience: target.hooks.api.identifier,
      });
      ensureMatch(header['typ'], /^(application\/)?at\+jwt$/i, 'typ');
      for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
        ensure(payload[name] !== undefined, `${name} is missing`);
      }
      ensureEqual(payload['client_id'], machine.id, 'client_id');
      ensureEqual(payload.sub, machine.id, 'sub of a token without a person');
      ensureEqual(payload['scope'], target.hooks.api.scopes[0], 'scope');
      ensure(payload['auth_time'] === undefined, 'A token without a person has auth_time');
    },
  },
  {
    id: 'RFC9068-person',
    title: 'A JWT access token of a person names them, and is no ID token',
    source: 'RFC 9068 §2.2, §5',
    needs: ['code', 'openid', 'api'],
    async run(target) {
      const { api } = target.hooks;
      if (api?.tokenFormat !== 'jwt') return;
      const authorized = await authorize(target, {
        parameters: { resource: api.identifier, scope: `openid ${api.scopes[0]}`, prompt: 'consent' },
      });
      const { accessToken, idToken } = tokensOf(
        await redeem(target, authorized, { resource: api.identifier }),
      );
      const { payload } = await verified(target, accessToken, { audience: api.identifier });
      const identity = await verified(target, idToken, { issuer: target.issuer });
      ensureEqual(payload.sub, identity.payload.sub, 'sub');
      ensure(payload['nonce'] === undefined, 'The access token has a nonce');
      ensure(
        [identity.payload.aud].flat().every((one) => one !== api.identifier),
        'aud of the ID token',
      );
    },
  },
];
