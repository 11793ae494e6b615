// The discovery documents and the published keys.
import type { Check } from '../harness/check.ts';
import { ensure, ensureEqual, ensureMatch } from '../harness/failure.ts';
import { clientCredentials, obtainTokens, tokensOf } from '../harness/flow.ts';
import { jsonOf } from '../harness/http.ts';
import { discoveryUrls, type Target } from '../harness/target.ts';
import { decodeProtectedHeader } from 'jose';

const REQUIRED = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
];
const ADDRESS = /(_endpoint|_uri|_iframe)$/;

function expectLists(metadata: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (!name.endsWith('_supported') || typeof value === 'boolean') continue;
    ensure(Array.isArray(value) && value.length > 0, `${name} is no list with members`);
    for (const one of value as unknown[]) ensureEqual(typeof one, 'string', `Type of a member of ${name}`);
  }
}

export const discoveryChecks: readonly Check[] = [
  {
    id: 'oidcc-discovery-endpoint-verification',
    title: 'The discovery document is complete, well-typed and of this issuer',
    source: 'OpenID Connect Discovery §3, §4.2, §4.3; RFC 8414 §2, §3.2',
    needs: ['openid'],
    async run(target) {
      const [url = ''] = discoveryUrls(target.issuer);
      const answer = await target.get(url);
      ensureEqual(answer.status, 200, 'Status');
      ensureMatch(answer.headers.get('content-type'), /^application\/json\b/i, 'Content-Type');
      const metadata = jsonOf(answer);
      for (const name of REQUIRED) ensure(metadata[name] !== undefined, `${name} is missing`);
      ensureEqual(metadata['issuer'], target.issuer, 'issuer');
      ensure(
        new URL(target.issuer).search === '' && new URL(target.issuer).hash === '',
        'The issuer has query or fragment',
      );
      expectLists(metadata);
      const scopes = metadata['scopes_supported'];
      ensure(Array.isArray(scopes) && scopes.includes('openid'), 'scopes_supported lacks openid');
      for (const locale of (metadata['ui_locales_supported'] ?? []) as unknown[]) {
        ensureMatch(locale, /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'A locale');
      }
      const algorithms = metadata['id_token_signing_alg_values_supported'] as unknown[];
      ensure(algorithms.includes('RS256'), 'id_token_signing_alg_values_supported lacks RS256');
    },
  },
  {
    id: 'MD-01',
    title: 'Both documents say the same; every address is of the scheme of the issuer; no none, no plain',
    source: 'RFC 8414 §3, §5; RFC 9700 §2.1; CVE-2026-67336',
    needs: [],
    async run(target) {
      const documents: Readonly<Record<string, unknown>>[] = [];
      for (const url of discoveryUrls(target.issuer)) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const answer = await target.get(url);
        ensureEqual(answer.status, 200, `Status of ${url}`);
        documents.push(jsonOf(answer));
      }
      const [openid = {}, oauth = {}] = documents;
      for (const [name, value] of Object.entries(oauth))
        ensureEqual(openid[name], value, `${name} of both documents`);
      for (const [name, value] of Object.entries(openid)) {
        if (!ADDRESS.test(name)) continue;
        ensure(typeof value === 'string' && URL.canParse(value), `${name} is no URL`);
        ensureEqual(new URL(value).protocol, new URL(target.issuer).protocol, `Scheme of ${name}`);
        ensure(!value.includes('#'), `${name} has a fragment`);
      }
      const text = JSON.stringify(openid);
      ensure(
        !/"none"/.test(JSON.stringify(Object.entries(openid).filter(([name]) => name.includes('_alg_')))),
        'An algorithm none',
      );
      ensure(!text.includes('"plain"'), 'PKCE plain is offered');
    },
  },
  {
    id: 'MD-01-cache',
    title: 'Metadata and keys may be cached, by whoever asks, from any origin',
    source: 'RFC 8414 §3.2; RFC 9111 §5.2.2',
    needs: [],
    async run(target) {
      for (const url of [...discoveryUrls(target.issuer), target.endpoint('jwks_uri')]) {
        // oxlint-disable-next-line no-await-in-loop -- few
        const { headers } = await target.get(url, [['origin', 'https://app.example.com']]);
        ensureMatch(headers.get('cache-control'), /\bmax-age=\d+/, `Cache-Control of ${url}`);
        ensureEqual(headers.get('set-cookie'), null, `Set-Cookie of ${url}`);
      }
    },
  },
  {
    id: 'JK-01',
    title: 'The JWKS holds public keys only, strong ones, each with kid, alg and use',
    source: 'RFC 7517 §4, §9.3; OpenID Connect Discovery §3; RFC 7518 §3.3',
    needs: [],
    async run(target) {
      const answer = await target.get(target.endpoint('jwks_uri'));
      ensureMatch(
        answer.headers.get('content-type'),
        /^application\/(json|jwk-set\+json)\b/i,
        'Content-Type',
      );
      const keys = jsonOf(answer)['keys'];
      ensure(Array.isArray(keys) && keys.length > 0, 'There are no keys');
      for (const key of keys as Readonly<Record<string, unknown>>[]) {
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
          ensure(!(secret in key), `A key has ${secret}`);
        for (const name of ['kty', 'kid', 'alg', 'use'])
          ensureEqual(typeof key[name], 'string', `Type of ${name}`);
        ensureEqual(key['use'], 'sig', 'use');
        if (key['kty'] !== 'RSA') continue;
        const bits = Buffer.from(String(key['n']), 'base64url').length * 8;
        ensure(bits >= 2048, `An RSA key has ${bits} bits`);
      }
      const kids = new Set((keys as Readonly<Record<string, unknown>>[]).map(({ kid }) => kid));
      ensureEqual(kids.size, keys.length, 'Number of different kids');
    },
  },
  {
    id: 'oidcc-server-rotate-keys',
    title:
      'After a rotation the JWKS holds the new key beside the old, and what was signed before still verifies',
    source: 'OpenID Connect Core §10.1.1',
    needs: ['rotate_keys', 'code', 'openid'],
    async run(target) {
      const { idToken } = await obtainTokens(target);
      const before = await kidsOf(target);
      await target.hooks.rotateKeys?.();
      const after = await kidsOf(target);
      ensure(
        before.every((kid) => after.includes(kid)),
        'A key is gone',
      );
      ensure(after.length > before.length, 'No key is new');
      ensure(after.includes(String(decodeProtectedHeader(idToken).kid)), 'The key of the ID token is gone');
      if (!target.has('client_credentials') || target.hooks.api?.tokenFormat !== 'jwt') return;
      const { accessToken } = tokensOf(await clientCredentials(target, await target.machine()));
      ensure(
        (await kidsOf(target)).includes(String(decodeProtectedHeader(accessToken).kid)),
        'A token is signed with an unpublished key',
      );
    },
  },
];

async function kidsOf(target: Target): Promise<readonly string[]> {
  const { keys } = jsonOf(await target.get(target.endpoint('jwks_uri')));
  ensure(Array.isArray(keys), 'There are no keys');
  return (keys as Readonly<Record<string, unknown>>[]).map(({ kid }) => String(kid));
}
