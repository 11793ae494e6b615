// DPoP at the server: which tokens, codes and renewals are bound to a key.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual } from '../harness/failure.ts';
import { authorize, obtainTokens, redeem, refresh, tokensOf } from '../harness/flow.ts';
import { jsonOf } from '../harness/http.ts';
import { dpopHeader, type ProofOptions, seconds } from '../harness/jwt.ts';
import { createKey } from '../harness/target.ts';
import { calculateJwkThumbprint } from 'jose';
import { push } from './pushed-requests.ts';
import { bound, NEEDS, PROOF, tokenHeader } from '../harness/dpop.ts';

export const dpopBindingChecks: readonly Check[] = [
  {
    id: 'fapi2-dpop-token-endpoint',
    title: 'At the token endpoint a wrong proof gets invalid_dpop_proof, and the code stays good',
    source: 'RFC 9449 §5; RFC 6749 §5.2',
    needs: NEEDS,
    async run(target) {
      const key = await createKey('ES256');
      const authorized = await authorize(target);
      const rows: readonly ProofOptions[] = [
        { claims: { htm: 'GET' } },
        { claims: { htu: 'https://other.example/token' } },
        { claims: { iat: seconds(-3600) } },
        { header: { typ: 'JWT' } },
        { claims: { jti: undefined } },
      ];
      for (const options of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await redeem(
          target,
          authorized,
          {},
          { headers: [await tokenHeader(target, key, options)] },
        );
        expectError(answer, PROOF, JSON.stringify(options));
      }
      const broken = await redeem(target, authorized, {}, { headers: [['dpop', 'nonsense']] });
      expectError(broken, PROOF, 'No JWT');
    },
  },
  {
    id: 'fapi2-dpop-token-endpoint-replay',
    title: 'The same proof twice at the token endpoint is refused',
    source: 'RFC 9449 §11.1',
    needs: [...NEEDS, 'refresh'],
    async run(target) {
      const token = await bound(target);
      const header = await tokenHeader(target, token.key);
      const first = await refresh(target, token.client, token.refreshToken, {}, { headers: [header] });
      if (jsonOf(first)['error'] === 'use_dpop_nonce') return;
      const next = tokensOf(first).refreshToken || token.refreshToken;
      expectError(
        await refresh(target, token.client, next, {}, { headers: [header] }),
        [...PROOF, 'invalid_grant'],
        'The second use',
      );
    },
  },
  {
    id: 'fapi2-dpop-refresh-binding',
    title: 'The refresh token of a public client is bound to the key',
    source: 'RFC 9449 §5',
    needs: [...NEEDS, 'refresh'],
    async run(target) {
      const token = await bound(target, await target.spa());
      const other = await createKey('ES256');
      const withOther = await refresh(
        target,
        token.client,
        token.refreshToken,
        {},
        { headers: [await tokenHeader(target, other)] },
      );
      expectError(withOther, ['invalid_grant', 'invalid_dpop_proof'], 'Another key');
      expectError(
        await refresh(target, token.client, token.refreshToken),
        ['invalid_grant', 'invalid_dpop_proof', 'invalid_request'],
        'No key',
      );
      const headers = [await tokenHeader(target, token.key)];
      tokensOf(await refresh(target, token.client, token.refreshToken, {}, { headers }));
    },
  },
  {
    id: 'fapi2-dpop-auth-code-binding',
    title: 'dpop_jkt binds the code to a key: another one, or none, redeems nothing',
    source: 'RFC 9449 §10; fapi2-token-endpoint-fails-with-mismatched-dpop-jkt',
    needs: NEEDS,
    async run(target) {
      const key = await createKey('ES256');
      const parameters = { dpop_jkt: await calculateJwkThumbprint(key.publicJwk) };
      const errors = ['invalid_grant', 'invalid_dpop_proof', 'invalid_request'];
      const first = await authorize(target, { parameters });
      const headers = [await tokenHeader(target, await createKey('ES256'))];
      expectError(await redeem(target, first, {}, { headers }), errors, 'Another key');
      expectError(await redeem(target, await authorize(target, { parameters })), errors, 'No key');
      const good = await redeem(
        target,
        await authorize(target, { parameters }),
        {},
        { headers: [await tokenHeader(target, key)] },
      );
      tokensOf(good);
    },
  },
  {
    id: 'fapi2-dpop-par-binding',
    title: 'A proof at PAR whose key is not dpop_jkt is refused',
    source: 'RFC 9449 §10.1; fapi2-ensure-mismatched-dpop-jkt-fails',
    needs: ['dpop', 'par'],
    async run(target) {
      const client = await target.web();
      const url = target.endpoint('pushed_authorization_request_endpoint');
      const { authorizationParameters, call, createPkce } = await import('../harness/flow.ts');
      const dpop_jkt = await calculateJwkThumbprint((await createKey('ES256')).publicJwk);
      const parameters = authorizationParameters(client, createPkce(), { dpop_jkt });
      const headers = [await dpopHeader(await createKey('ES256'), 'POST', url)];
      const answer = await call(target, 'pushed_authorization_request_endpoint', client, parameters, {
        headers,
      });
      expectError(answer, ['invalid_dpop_proof', 'invalid_request']);
      ensureEqual((await push(target, client, parameters)).status, 201, 'Status without a proof');
    },
  },
  {
    id: 'fapi2-dpop-introspection',
    title: 'Introspection of a bound token tells its key',
    source: 'RFC 9449 §6.2',
    needs: [...NEEDS, 'introspection'],
    async run(target) {
      const { call } = await import('../harness/flow.ts');
      const token = await target.once('dpop token', () => bound(target));
      const body = jsonOf(
        await call(target, 'introspection_endpoint', token.client, { token: token.accessToken }),
      );
      const { jkt } = (body['cnf'] ?? {}) as { jkt?: string };
      ensureEqual(jkt, await calculateJwkThumbprint(token.key.publicJwk), 'cnf.jkt');
    },
  },
  {
    id: 'fapi2-holder-of-key-required',
    title: 'A client that must bind its tokens gets none without a proof',
    source: 'RFC 9449 §5.2; FAPI 2.0 Security Profile §5.3.2.1',
    needs: ['dpop', 'code'],
    async run(target) {
      const client = await target.createClient({ dpop_bound_access_tokens: true });
      const authorized = await authorize(target, { client });
      expectError(await redeem(target, authorized), [
        'invalid_request',
        'invalid_dpop_proof',
        'invalid_grant',
      ]);
      ensure((await obtainTokens(target)).accessToken !== '', 'Another client gets none');
    },
  },
];
