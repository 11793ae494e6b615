// Methods, paths and host names: what stands around the endpoints.
import type { Check } from '../harness/check.ts';
import { expectRefused } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import {
  attempt,
  authorizationParameters,
  clientCredentials,
  createPkce,
  requestUrl,
  signedIn,
  tokensOf,
  authorize,
} from '../harness/flow.ts';
import { encode, type HeaderLine, jsonOf } from '../harness/http.ts';
import { discoveryUrls } from '../harness/target.ts';

const EVIL_HOSTS: readonly (readonly HeaderLine[])[] = [
  [['host', 'evil.example']],
  [['x-forwarded-host', 'evil.example']],
  [['forwarded', 'host=evil.example;proto=https']],
  [
    ['x-original-url', 'https://evil.example/'],
    ['x-rewrite-url', '/evil'],
    ['x-forwarded-proto', 'gopher'],
  ],
];

export const surfaceChecks: readonly Check[] = [
  {
    id: 'AZ-87',
    title: 'The authorization endpoint takes GET and POST; HEAD issues no code',
    source: 'RFC 6749 §3.1; RFC 9110 §15.5.6',
    needs: ['code'],
    async run(target) {
      const url = requestUrl(target, await target.web());
      const { cookies } = await signedIn(target);
      const cookie: HeaderLine = [
        'cookie',
        [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ];
      for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'HEAD']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const response = await target.send({ method, url, headers: [cookie] });
        ensure(!(response.headers.get('location') ?? '').includes('code='), `${method} issued a code`);
        if (method === 'HEAD') continue;
        ensureOneOf(response.status, [404, 405, 501], `${method}, status`);
        if (response.status === 405) ensure(response.headers.has('allow'), `${method}: no Allow`);
      }
    },
  },
  {
    id: 'AZ-88',
    title: 'Other spellings of the path reach nothing, or the same checks',
    source: 'CVE-2026-0976 (matrix parameters); RFC 3986 §6.2',
    needs: ['code'],
    async run(target) {
      const { origin, pathname } = new URL(target.endpoint('authorization_endpoint'));
      const last = pathname.slice(pathname.lastIndexOf('/') + 1);
      const parent = pathname.slice(0, -last.length);
      const client = await target.web();
      const bad = encode({
        ...authorizationParameters(client, createPkce()),
        redirect_uri: 'https://evil.example/cb',
      });
      const encoded = `%${last.charCodeAt(0).toString(16)}${last.slice(1)}`;
      const paths = [
        `/${pathname}`,
        `${pathname};x=1`,
        `${parent}${encoded}`,
        `${parent}./${last}`,
        `${pathname}/`,
      ];
      for (const path of [
        ...paths,
        `${parent}${last.toUpperCase()}`,
        `${parent}x/../${last}`,
        `${parent}x%2f..%2f${last}`,
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const response = await target.get(`${origin}${path}?${bad}`);
        expectRefused(response, path);
      }
    },
  },
  {
    id: 'AZ-89',
    title: 'The issuer and the redirects stay what they are, whatever host the request names',
    source: 'GHSA-2wmj-46rj-qm2w; CVE-2026-29067',
    needs: ['code'],
    async run(target) {
      const [url = ''] = discoveryUrls(target.issuer);
      for (const headers of EVIL_HOSTS) {
        // oxlint-disable no-await-in-loop -- one after the other
        const metadata = await target.get(url, headers);
        const asked = await target.get(requestUrl(target, await target.web()), headers);
        // oxlint-enable no-await-in-loop
        const name = headers[0]?.[0];
        if (metadata.status === 200) {
          ensureEqual(jsonOf(metadata)['issuer'], target.metadata['issuer'], `issuer with ${name}`);
          ensure(!metadata.text.includes('evil.example'), `The metadata follow ${name}`);
        } else expectRefused(metadata, `Metadata with ${name}`);
        ensure(
          !(asked.headers.get('location') ?? '').includes('evil.example'),
          `The redirect follows ${name}`,
        );
        ensure(!asked.text.includes('evil.example'), `The page follows ${name}`);
      }
    },
  },
  {
    id: 'AZ-85',
    title: 'Codes and tokens hold at least 160 random bits and never repeat',
    source: 'RFC 6749 §10.10; RFC 6819 §5.1.4.2.2',
    needs: ['code'],
    async run(target) {
      const codes: string[] = [];
      const browser = await signedIn(target);
      for (let round = 0; round < 40; round++) {
        // oxlint-disable-next-line no-await-in-loop -- one session
        codes.push((await authorize(target, { browser })).code);
      }
      expectRandom(codes, 'codes');
      if (!target.has('refresh')) return;
      const tokens: string[] = [];
      for (let round = 0; round < 8; round++) {
        // oxlint-disable-next-line no-await-in-loop -- one session
        const authorized = await attempt(target, {
          browser,
          parameters: { scope: 'openid offline_access', prompt: 'consent' },
        });
        if (authorized.code !== '') codes.push(authorized.code);
        // oxlint-disable-next-line no-await-in-loop -- one session
        if (target.has('client_credentials'))
          tokens.push(tokensOf(await clientCredentials(target, await target.machine())).accessToken);
      }
      ensureEqual(new Set(tokens).size, tokens.length, 'Distinct access tokens');
    },
  },
];

/** Distinct, long enough beyond what all of them begin with, and no position that is nearly constant. */
function expectRandom(values: readonly string[], what: string): void {
  ensureEqual(new Set(values).size, values.length, `Distinct ${what}`);
  const [first = ''] = values;
  let shared = 0;
  while (shared < first.length && values.every((value) => value[shared] === first[shared])) shared++;
  const random = values.map((value) => value.slice(shared).replaceAll(/[^A-Za-z0-9]/g, ''));
  const shortest = Math.min(...random.map(({ length }) => length));
  ensure(
    shortest * Math.log2(62) >= 160,
    `${what} hold ${Math.floor(shortest * Math.log2(62))} bits at most`,
  );
  for (let position = 0; position < 27; position++) {
    const symbols = new Set(random.map((value) => value[position]));
    ensure(
      symbols.size >= 12,
      `Position ${position} of ${what} takes ${symbols.size} values in ${values.length}`,
    );
  }
}
