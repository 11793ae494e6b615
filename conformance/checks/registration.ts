// Dynamic registration and clients that are a URL: what may be said, who may say it, what is fetched.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ssrf from '../attacks/ssrf-urls.json' with { type: 'json' };
import type { Check } from '../harness/check.ts';
import { expectError, expectNoStore } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureOneOf, text } from '../harness/failure.ts';
import { requestUrl } from '../harness/flow.ts';
import type { ClientMetadata } from '../harness/hooks.ts';
import { type HeaderLine, type HttpResponse, jsonOf } from '../harness/http.ts';
import { createKey, type Target } from '../harness/target.ts';

export const REFUSED = [
  'invalid_client_metadata',
  'invalid_redirect_uri',
  'invalid_software_statement',
  'unapproved_software_statement',
];

export async function initial(target: Target): Promise<readonly HeaderLine[]> {
  const token = await target.hooks.initialAccessToken?.();
  return token === undefined ? [] : [['authorization', `Bearer ${token}`]];
}

export async function register(target: Target, metadata: unknown): Promise<HttpResponse> {
  return target.send({
    method: 'POST',
    url: target.endpoint('registration_endpoint'),
    headers: [['content-type', 'application/json'], ...(await initial(target))],
    body: JSON.stringify(metadata),
  });
}

export function usual(more: ClientMetadata = {}): ClientMetadata {
  return { client_name: 'Registered', redirect_uris: ['https://registered.example.com/cb'], ...more };
}

export interface Managed {
  readonly id: string;
  readonly url: string;
  readonly token: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function managed(target: Target, more: ClientMetadata = {}): Promise<Managed> {
  const answer = await register(target, usual(more));
  ensureEqual(answer.status, 201, `Status (${answer.text.slice(0, 200)})`);
  const body = jsonOf(answer);
  return {
    id: text(body['client_id'], 'client_id'),
    url: text(body['registration_client_uri'], 'registration_client_uri'),
    token: text(body['registration_access_token'], 'registration_access_token'),
    body,
  };
}

export function manage(
  target: Target,
  method: string,
  { url }: Managed,
  token: string,
  body?: unknown,
): Promise<HttpResponse> {
  return target.send({
    method,
    url,
    headers: [
      ['authorization', `Bearer ${token}`],
      ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
    ],
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const BAD_METADATA: readonly (readonly [id: string, what: string, metadata: ClientMetadata])[] = [
  ['password', 'the password grant', { grant_types: ['password'] }],
  ['implicit', 'the implicit grant', { grant_types: ['implicit'], response_types: ['token'] }],
  ['javascript', 'a javascript: redirect URI', { redirect_uris: ['javascript:alert(1)'] }],
  ['data', 'a data: redirect URI', { redirect_uris: ['data:text/html,x'] }],
  ['http', 'an http redirect URI that is not loopback', { redirect_uris: ['http://app.example.com/cb'] }],
  ['wildcard', 'a wildcard', { redirect_uris: ['https://*.example.com/cb'] }],
  ['fragment', 'a fragment', { redirect_uris: ['https://app.example.com/cb#x'] }],
  ['no-redirect', 'no redirect URI', { redirect_uris: [] }],
  ['relative', 'a relative redirect URI', { redirect_uris: ['/cb'] }],
  [
    'many',
    'a thousand redirect URIs',
    { redirect_uris: Array.from({ length: 1000 }, (_, index) => `https://app.example.com/${index}`) },
  ],
  ['unsigned-id-token', 'unsigned ID tokens', { id_token_signed_response_alg: 'none' }],
  ['method', 'an unknown authentication method', { token_endpoint_auth_method: 'client_secret_jwt_v2' }],
  ['types', 'a text where a list belongs', { redirect_uris: 'https://app.example.com/cb' }],
  ['logo', 'a logo that is no https URL', { logo_uri: 'javascript:alert(1)' }],
];

/** Members whose URL a server might fetch. */
const FETCHED = [
  'jwks_uri',
  'logo_uri',
  'sector_identifier_uri',
  'backchannel_logout_uri',
  'initiate_login_uri',
  'policy_uri',
  'tos_uri',
];

export async function withCanary(run: (port: number) => Promise<void>): Promise<number> {
  let hits = 0;
  const server = createServer((_request, response) => {
    hits++;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run((server.address() as AddressInfo).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  return hits;
}

export const registrationChecks: readonly Check[] = [
  {
    id: 'RFC7591-happy',
    title: 'A registration is answered 201 with what was registered; nothing caches it; the client can ask',
    source: 'RFC 7591 §3.2.1; OpenID Connect Dynamic Client Registration §3.2',
    needs: ['registration'],
    async run(target) {
      const answer = await register(target, usual());
      ensureEqual(answer.status, 201, `Status (${answer.text.slice(0, 200)})`);
      expectNoStore(answer, 'The answer');
      const body = jsonOf(answer);
      ensureEqual(body['redirect_uris'], ['https://registered.example.com/cb'], 'redirect_uris');
      if (body['client_secret'] !== undefined)
        ensure(typeof body['client_secret_expires_at'] === 'number', 'client_secret_expires_at');
      const client = {
        ...(await target.web()),
        id: String(body['client_id']),
        redirectUri: 'https://registered.example.com/cb',
      };
      ensureEqual(
        (await target.browser().get(requestUrl(target, client))).status,
        200,
        'Status of an authorization request',
      );
    },
  },
  ...BAD_METADATA.map(
    ([id, what, metadata]): Check => ({
      id: `DC-02-${id}`,
      title: `A registration with ${what} is refused`,
      source: 'RFC 7591 §3.2.2, §5; RFC 9700 §2.1',
      needs: ['registration'],
      run: async (target) =>
        expectError(await register(target, usual(metadata)), [
          ...REFUSED,
          'invalid_scope',
          'invalid_request',
        ]),
    }),
  ),
  {
    id: 'DC-02-admin',
    title: "A registration with the server's own scope is refused, or answered without that scope",
    source: 'RFC 7591 §2, §3.2.1, §5',
    needs: ['registration'],
    async run(target) {
      const answer = await register(target, usual({ scope: 'openid admin' }));
      if (answer.status !== 201) return expectError(answer, [...REFUSED, 'invalid_scope', 'invalid_request']);
      const { scope } = jsonOf(answer);
      ensure(
        scope === undefined || (typeof scope === 'string' && !scope.split(' ').includes('admin')),
        `scope is ${JSON.stringify(scope)}`,
      );
    },
  },
  {
    id: 'DC-02-public',
    title: 'A public client gets no secret, whatever it asks for',
    source: 'RFC 7591 §2, §3.2.1; CVE-2026-44476',
    needs: ['registration'],
    async run(target) {
      const answer = await register(
        target,
        usual({ token_endpoint_auth_method: 'none', client_secret: 'chosen' }),
      );
      if (answer.status === 201) ensureEqual(jsonOf(answer)['client_secret'], undefined, 'client_secret');
      else expectError(answer, REFUSED);
      const chosen = await register(target, usual({ client_id: 'chosen', client_secret: 'chosen' }));
      if (chosen.status !== 201) return expectError(chosen, REFUSED);
      ensure(
        jsonOf(chosen)['client_id'] !== 'chosen' && jsonOf(chosen)['client_secret'] !== 'chosen',
        'The client chose its credentials',
      );
    },
  },
  {
    id: 'DC-02-keys',
    title: 'A private key, or jwks beside jwks_uri, cannot be registered',
    source: 'RFC 7591 §2',
    needs: ['registration', 'private_key_jwt'],
    async run(target) {
      const { publicJwk } = await createKey('ES256');
      const method = { token_endpoint_auth_method: 'private_key_jwt' };
      const secret = usual({ ...method, jwks: { keys: [{ ...publicJwk, d: publicJwk.x }] } });
      expectError(await register(target, secret), REFUSED, 'A private key');
      const both = usual({
        ...method,
        jwks: { keys: [publicJwk] },
        jwks_uri: 'https://keys.example.com/jwks',
      });
      expectError(await register(target, both), REFUSED, 'jwks and jwks_uri');
    },
  },
  {
    id: 'DC-02-shape',
    title: 'What is no JSON object is refused without a fault, and prototypes stay what they are',
    source: 'RFC 7591 §3.1; CWE-1321',
    needs: ['registration'],
    async run(target) {
      const headers: readonly HeaderLine[] = [
        ['content-type', 'application/json'],
        ...(await initial(target)),
      ];
      const url = target.endpoint('registration_endpoint');
      for (const body of [
        '',
        '[]',
        'null',
        '"x"',
        '{',
        '{"redirect_uris":{"__proto__":1}}',
        `{"client_name":"${'x'.repeat(300_000)}"}`,
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await target.send({ method: 'POST', url, headers, body });
        ensure(status >= 400 && status < 500, `Status ${status} for ${body.slice(0, 30)}`);
      }
      const polluted = await target.send({
        method: 'POST',
        url,
        headers,
        body: `{"__proto__":{"client_name":"x"},"redirect_uris":["https://registered.example.com/cb"]}`,
      });
      ensureOneOf(polluted.status, [201, 400], 'Status with __proto__');
    },
  },
  {
    id: 'DC-01',
    title: 'No URL of a registration makes the server call its own machine',
    source: 'RFC 7591 §5; CVE-2026-1180; attacks/ssrf-urls.json',
    needs: ['registration'],
    async run(target) {
      const hits = await withCanary(async (port) => {
        for (const url of ssrf.urls.map((one) => one.replace('CANARY', String(port)))) {
          for (const member of FETCHED) {
            // oxlint-disable-next-line no-await-in-loop -- one after the other
            const { status } = await register(target, usual({ [member]: url }));
            ensure(status < 500, `${member}=${url}: status ${status}`);
            if (status === 429) break;
          }
        }
      });
      ensureEqual(hits, 0, 'Calls of the server to this machine');
    },
  },
];
