// DPoP: tokens bound to a key, proofs that are fresh and for this request.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { authorize, obtainTokens, redeem, refresh, type Tokens, tokensOf } from '../harness/flow.ts';
import { type HeaderLine, type HttpResponse, jsonOf } from '../harness/http.ts';
import { assemble, dpopHeader, dpopProof, type ProofOptions, randomId, seconds } from '../harness/jwt.ts';
import { type Client, createKey, type SigningKey, type Target } from '../harness/target.ts';
import { calculateJwkThumbprint } from 'jose';
import { push } from './pushed-requests.ts';

const PROOF = ['invalid_dpop_proof', 'use_dpop_nonce'];

interface Bound extends Tokens {
  readonly key: SigningKey;
  readonly client: Client;
}

function tokenHeader(target: Target, key: SigningKey, options?: ProofOptions): Promise<HeaderLine> {
  return dpopHeader(key, 'POST', target.endpoint('token_endpoint'), options);
}

/** Sends a request with a proof; once more when the server wants a nonce of its own (RFC 9449 §8). */
async function proven(
  send: (header: HeaderLine) => Promise<HttpResponse>,
  prove: (nonce?: string) => Promise<HeaderLine>,
): Promise<HttpResponse> {
  const answer = await send(await prove());
  const nonce = answer.headers.get('dpop-nonce');
  const wanted =
    jsonOf(answer)['error'] === 'use_dpop_nonce' ||
    /use_dpop_nonce/.test(answer.headers.get('www-authenticate') ?? '');
  return wanted && nonce !== null ? send(await prove(nonce)) : answer;
}

async function bound(target: Target, client?: Client): Promise<Bound> {
  const key = await createKey('ES256');
  const authorized = await authorize(target, {
    ...(client === undefined ? {} : { client }),
    ...(target.has('offline_access')
      ? { parameters: { scope: 'openid offline_access', prompt: 'consent' } }
      : {}),
  });
  const answer = await proven(
    (header) => redeem(target, authorized, {}, { headers: [header] }),
    (nonce) => tokenHeader(target, key, nonce === undefined ? {} : { claims: { nonce } }),
  );
  return { ...tokensOf(answer), key, client: authorized.client };
}

/** The UserInfo endpoint as the API that takes the token. */
async function callApi(
  target: Target,
  token: Bound,
  options: ProofOptions = {},
  { url = target.endpoint('userinfo_endpoint'), key = token.key, scheme = 'DPoP', method = 'GET' } = {},
): Promise<HttpResponse> {
  const api = target.endpoint('userinfo_endpoint');
  return proven(
    (proof) => target.get(api, [['authorization', `${scheme} ${token.accessToken}`], proof]),
    (nonce) =>
      dpopHeader(key, method, url, {
        accessToken: token.accessToken,
        ...options,
        claims: { ...(nonce === undefined ? {} : { nonce }), ...options.claims },
      }),
  );
}

const NEEDS = ['dpop', 'code', 'openid', 'userinfo'] as const;

type Row = readonly [id: string, what: string, options: ProofOptions, at?: Parameters<typeof callApi>[3]];

/** Proofs that must be refused at an API. */
const BAD_PROOFS: readonly Row[] = [
  ['typ-missing', 'without typ', { header: { typ: undefined } }],
  ['typ-wrong', 'typed as JWT', { header: { typ: 'JWT' } }],
  ['jwk-missing', 'without jwk', { header: { jwk: undefined } }],
  ['jti-missing', 'without jti', { claims: { jti: undefined } }],
  ['htm-missing', 'without htm', { claims: { htm: undefined } }],
  ['htu-missing', 'without htu', { claims: { htu: undefined } }],
  ['iat-missing', 'without iat', { claims: { iat: undefined } }],
  ['ath-missing', 'without ath', { claims: { ath: undefined } }],
  ['ath-wrong', 'with the hash of another token', { claims: { ath: 'A'.repeat(43) } }],
  ['htm-wrong', 'for POST', { claims: { htm: 'POST' } }],
  ['htu-wrong', 'for another address', { claims: { htu: 'https://other.example/' } }],
  ['iat-late', 'of an hour ahead', { claims: { iat: seconds(3600) } }],
  ['iat-early', 'of an hour ago', { claims: { iat: seconds(-3600) } }],
];

const GOOD_PROOFS: readonly (readonly [id: string, what: string, (url: string) => ProofOptions])[] = [
  ['htu-query', 'with query and fragment in htu', (url) => ({ claims: { htu: `${url}?a=1#b` } })],
  [
    'htu-case',
    'with scheme and host of htu in other case',
    (url) => ({ claims: { htu: url.replace(/^https?:\/\/[^/]+/, (part) => part.toUpperCase()) } }),
  ],
  [
    'htu-port',
    'with the default port in htu',
    (url) => ({
      claims: {
        htu:
          url.startsWith('https:') && new URL(url).port === ''
            ? url.replace(/^(https:\/\/[^/]+)/, '$1:443')
            : url,
      },
    }),
  ],
  [
    'extra-claims',
    'with claims of its own',
    () => ({ claims: { more: 'x', nbf: seconds(-5), exp: seconds(60) } }),
  ],
  ['iat-10s', 'of a clock 8 seconds ahead', () => ({ claims: { iat: seconds(8) } })],
  ['iat-10s-ago', 'of a clock 8 seconds behind', () => ({ claims: { iat: seconds(-8) } })],
];

export const dpopChecks: readonly Check[] = [
  {
    id: 'fapi2-dpop-happy',
    title:
      'A token request with a proof gives a token of type DPoP, bound to the key, good with another proof',
    source: 'RFC 9449 §5, §6, §7.1',
    needs: NEEDS,
    async run(target) {
      const token = await bound(target);
      ensureMatch(jsonOf(token.response)['token_type'], /^dpop$/i, 'token_type');
      ensureEqual((await callApi(target, token)).status, 200, 'Status of UserInfo');
      ensureEqual((await callApi(target, token)).status, 200, 'Status of UserInfo with another proof');
    },
  },
  ...BAD_PROOFS.map(
    ([id, what, options, at]): Check => ({
      id: `fapi2-dpop-negative-${id}`,
      title: `At an API a proof ${what} is refused`,
      source: 'RFC 9449 §4.3, §7.1; fapi2-dpop-negative-tests',
      needs: NEEDS,
      async run(target) {
        const token = await target.once('dpop token', () => bound(target));
        ensureEqual((await callApi(target, token)).status, 200, 'Status with a good proof');
        const answer = await callApi(target, token, options, at);
        ensureOneOf(answer.status, [400, 401], 'Status');
        ensureMatch(answer.headers.get('www-authenticate'), /\bDPoP\b/i, 'WWW-Authenticate');
      },
    }),
  ),
  ...GOOD_PROOFS.map(
    ([id, what, options]): Check => ({
      id: `fapi2-dpop-ok-${id}`,
      title: `At an API a proof ${what} is taken`,
      source: 'RFC 9449 §4.3; FAPI 2.0 Security Profile §5.3.2.1; fapi2-check-dpop-proof-nbf-exp',
      needs: NEEDS,
      async run(target) {
        const token = await target.once('dpop token', () => bound(target));
        const answer = await callApi(target, token, options(target.endpoint('userinfo_endpoint')));
        ensureEqual(answer.status, 200, 'Status');
      },
    }),
  ),
  {
    id: 'fapi2-dpop-negative-forged',
    title: 'Proofs that are unsigned, forged, symmetric, of another key, private or none at all are refused',
    source: 'RFC 9449 §4.3; CVE-2026-54431',
    needs: NEEDS,
    async run(target) {
      const token = await target.once('dpop token', () => bound(target));
      const url = target.endpoint('userinfo_endpoint');
      const good = await dpopProof(token.key, 'GET', url, { accessToken: token.accessToken });
      const claims = { jti: randomId(), htm: 'GET', htu: url, iat: seconds() };
      const rsa = await createKey('RS256');
      const proofs = [
        assemble({ typ: 'dpop+jwt', alg: 'none', jwk: token.key.publicJwk }, claims),
        `${good.slice(0, -12)}AAAAAAAAAAAA`,
        await dpopProof(await createKey('ES256'), 'GET', url, { accessToken: token.accessToken }),
        await dpopProof(token.key, 'GET', url, {
          accessToken: token.accessToken,
          header: { jwk: { ...token.key.publicJwk, d: token.key.publicJwk.x } },
        }),
        await dpopProof(rsa, 'GET', url, { accessToken: token.accessToken }),
        'nonsense',
        good.toUpperCase(),
        `${good}, ${good}`,
      ];
      const authorization = ['authorization', `DPoP ${token.accessToken}`] as const;
      for (const [index, proof] of proofs.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await target.get(url, [authorization, ['dpop', proof]]);
        ensureOneOf(status, [400, 401], `Status of forgery ${index}`);
      }
      const fresh = (): Promise<HeaderLine> =>
        dpopHeader(token.key, 'GET', url, { accessToken: token.accessToken });
      const twice = await target.get(url, [authorization, await fresh(), await fresh()]);
      ensureOneOf(twice.status, [400, 401], 'Status with two proofs');
      ensureOneOf((await target.get(url, [authorization])).status, [400, 401], 'Status without a proof');
    },
  },
  {
    id: 'fapi2-dpop-negative-replay',
    title: 'The same proof twice at an API is refused the second time',
    source: 'RFC 9449 §11.1',
    needs: NEEDS,
    async run(target) {
      const token = await target.once('dpop token', () => bound(target));
      const url = target.endpoint('userinfo_endpoint');
      let used: HeaderLine | undefined;
      const send = (header: HeaderLine): Promise<HttpResponse> => {
        used = header;
        return target.get(url, [['authorization', `DPoP ${token.accessToken}`], header]);
      };
      const prove = (nonce?: string): Promise<HeaderLine> =>
        dpopHeader(token.key, 'GET', url, {
          accessToken: token.accessToken,
          claims: nonce === undefined ? {} : { nonce },
        });
      ensureEqual((await proven(send, prove)).status, 200, 'Status of the first use');
      ensure(used !== undefined, 'No proof was sent');
      ensureOneOf((await send(used)).status, [400, 401], 'Status of the second use');
    },
  },
  {
    id: 'fapi2-dpop-downgrade',
    title: 'A bound token is no bearer token, with or without a proof beside it',
    source: 'RFC 9449 §7.2',
    needs: NEEDS,
    async run(target) {
      const token = await target.once('dpop token', () => bound(target));
      const url = target.endpoint('userinfo_endpoint');
      const { status } = await target.get(url, [['authorization', `Bearer ${token.accessToken}`]]);
      ensureEqual(status, 401, 'Status as a bearer token');
      ensureOneOf(
        (await callApi(target, token, {}, { scheme: 'Bearer' })).status,
        [400, 401],
        'Status as a bearer token with a proof',
      );
    },
  },
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
