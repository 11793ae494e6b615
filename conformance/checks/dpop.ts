// DPoP at an API: proofs that are fresh and for this request.
import type { Check } from '../harness/check.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { type HeaderLine, type HttpResponse, jsonOf } from '../harness/http.ts';
import { assemble, dpopHeader, dpopProof, type ProofOptions, randomId, seconds } from '../harness/jwt.ts';
import { createKey } from '../harness/target.ts';
import { bound, callApi, NEEDS, proven } from '../harness/dpop.ts';

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
];
