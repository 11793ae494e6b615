// private_key_jwt: whose assertion, for whom, how long, once.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual } from '../harness/failure.ts';
import { assertionForm, basic, clientAssertion, postForm, tokensOf } from '../harness/flow.ts';
import type { HttpResponse } from '../harness/http.ts';
import { assemble, keyOf, randomId, seconds } from '../harness/jwt.ts';
import { type Client, createKey, type Target } from '../harness/target.ts';

const REFUSED = ['invalid_client', 'invalid_request'];
type Claims = Readonly<Record<string, unknown>>;

function machine(target: Target, more: Claims = {}): Promise<Client> {
  return target.keyClient({
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    ...(target.hooks.api === undefined ? {} : { scope: target.hooks.api.scopes.join(' ') }),
    ...more,
  });
}

function present(target: Target, client: Client, assertion: string, more = {}): Promise<HttpResponse> {
  const { api } = target.hooks;
  const form = {
    grant_type: 'client_credentials',
    ...(api === undefined ? {} : { resource: api.identifier }),
  };
  const named = { ...form, client_id: client.id, ...assertionForm(assertion), ...more };
  return postForm(target, target.endpoint('token_endpoint'), named);
}

type Forge = (target: Target, client: Client) => Promise<string>;

const claiming =
  (claims: Claims, header: Claims = {}): Forge =>
  (target, client) =>
    clientAssertion(target, client, claims, header);

const FORGERIES: readonly (readonly [id: string, what: string, forge: Forge])[] = [
  ['exp-missing', 'without exp', claiming({ exp: undefined })],
  ['expired', 'that expired five minutes ago', claiming({ exp: seconds(-300), iat: seconds(-400) })],
  ['exp-far', 'that lives for a day', claiming({ exp: seconds(86_400) })],
  ['aud-other', 'for another server', claiming({ aud: 'https://other.example' })],
  ['aud-missing', 'for nobody', claiming({ aud: undefined })],
  ['iss-other', 'whose iss is another client', claiming({ iss: 'somebody' })],
  ['sub-other', 'whose sub is another client', claiming({ sub: 'somebody' })],
  ['sub-missing', 'without sub', claiming({ sub: undefined })],
  ['jti-missing', 'without jti', claiming({ jti: undefined })],
  ['nbf-future', 'that begins in an hour', claiming({ nbf: seconds(3600), exp: seconds(3660) })],
  ['exp-text', 'whose exp is a text', claiming({ exp: '9999999999' })],
  [
    'other-key',
    'signed with a key that is not registered',
    async (target, client) => clientAssertion(target, { ...client, key: await createKey('ES256') }),
  ],
  [
    'alg-none',
    'that is not signed',
    (target, client) => Promise.resolve(assemble({ alg: 'none' }, payload(target, client))),
  ],
  [
    'hs256',
    'signed with HS256',
    async (target, client) => {
      const secret = new TextEncoder().encode(JSON.stringify(keyOf(client).publicJwk));
      const { SignJWT } = await import('jose');
      return new SignJWT(payload(target, client)).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    },
  ],
  [
    'rs256',
    'signed with another algorithm than the registered one',
    async (target, client) => clientAssertion(target, { ...client, key: await createKey('RS256') }),
  ],
  [
    'broken',
    'with a broken signature',
    async (target, client) => `${(await clientAssertion(target, client)).slice(0, -12)}AAAAAAAAAAAA`,
  ],
  [
    'crit',
    'with an unknown critical header',
    (target, client) =>
      Promise.resolve(assemble({ alg: 'ES256', crit: ['x'], x: 1 }, payload(target, client), 'A'.repeat(86))),
  ],
  [
    'huge',
    'of a megabyte',
    (target, client) =>
      Promise.resolve(
        assemble({ alg: 'ES256' }, { ...payload(target, client), x: 'x'.repeat(1_000_000) }, 'AAAA'),
      ),
  ],
  ['no-jwt', 'that is no JWT', () => Promise.resolve('nonsense')],
];

function payload(target: Target, client: Client): Record<string, unknown> {
  return {
    iss: client.id,
    sub: client.id,
    aud: target.issuer,
    jti: randomId(),
    iat: seconds(),
    exp: seconds(60),
  };
}

function once(target: Target): Promise<Client> {
  return target.once('key machine', () => machine(target));
}

export const clientAssertionChecks: readonly Check[] = [
  {
    id: 'oidcc-ensure-client-assertion-with-iss-aud-succeeds',
    title: 'private_key_jwt with the issuer as audience is taken',
    source: 'RFC 7523 §3; OpenID Connect Core §9',
    needs: ['private_key_jwt', 'client_credentials'],
    async run(target) {
      const client = await once(target);
      tokensOf(await present(target, client, await clientAssertion(target, client)));
    },
  },
  ...FORGERIES.map(
    ([id, what, forge]): Check => ({
      id: `TK-13-${id}`,
      title: `A client assertion ${what} is refused`,
      source: 'RFC 7523 §3; RFC 8725 §3; FAPI 2.0 Security Profile §5.3.3.4',
      needs: ['private_key_jwt', 'client_credentials'],
      async run(target) {
        const client = await once(target);
        const answer = await present(target, client, await forge(target, client));
        if (id === 'huge' && answer.status === 413) return;
        expectError(answer, REFUSED);
      },
    }),
  ),
  {
    id: 'TK-13-replay',
    title: 'A client assertion works once',
    source: 'RFC 7523 §3 (jti); CVE-2020-15222',
    needs: ['private_key_jwt', 'client_credentials'],
    async run(target) {
      const client = await once(target);
      const assertion = await clientAssertion(target, client);
      tokensOf(await present(target, client, assertion));
      expectError(await present(target, client, assertion), REFUSED, 'The second use');
    },
  },
  {
    id: 'TK-13-race',
    title: 'Of 16 parallel uses of a client assertion one is taken at most',
    source: 'RFC 7523 §3 (jti)',
    needs: ['private_key_jwt', 'client_credentials'],
    async run(target) {
      const client = await once(target);
      const assertion = await clientAssertion(target, client);
      const answers = await Promise.all(Array.from({ length: 16 }, () => present(target, client, assertion)));
      ensureEqual(answers.filter(({ status }) => status === 200).length, 1, 'Number of answers with tokens');
    },
  },
  {
    id: 'TK-09',
    title:
      'A client of private_key_jwt is not taken without its key: neither with a secret nor with its name alone',
    source: 'RFC 6749 §2.3; CVE-2026-53512',
    needs: ['private_key_jwt', 'client_credentials'],
    async run(target) {
      const { id } = await once(target);
      const url = target.endpoint('token_endpoint');
      const form = { grant_type: 'client_credentials' };
      expectError(await postForm(target, url, { ...form, client_id: id }), REFUSED, 'The name alone');
      expectError(
        await postForm(target, url, { ...form, client_id: id, client_secret: 'x' }),
        REFUSED,
        'A secret',
      );
      expectError(await postForm(target, url, form, [basic(id, 'x')]), REFUSED, 'Basic');
      const web = await target.machine();
      const assertion = await clientAssertion(target, { ...web, key: await createKey('ES256') });
      expectError(
        await postForm(target, url, { ...form, ...assertionForm(assertion) }),
        REFUSED,
        'A client without keys',
      );
    },
  },
  {
    id: 'oidcc-registration-jwks-uri',
    title: 'jwks and jwks_uri together cannot be registered, nor a private key',
    source: 'RFC 7591 §2; OpenID Connect Dynamic Client Registration §2',
    needs: ['private_key_jwt'],
    async run(target) {
      const { publicJwk } = await createKey('ES256');
      const base = {
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
      };
      const both = { ...base, jwks: { keys: [publicJwk] }, jwks_uri: 'https://keys.example.com/jwks' };
      await target.expectRegistrationRefused(both, 'both jwks and jwks_uri');
      const secret = { ...base, jwks: { keys: [{ ...publicJwk, d: publicJwk.x }] } };
      await target.expectRegistrationRefused(secret, 'a private key');
      await target.expectRegistrationRefused(base, 'private_key_jwt and no key');
      ensure(publicJwk.kty === 'EC', 'The key is not what it should be');
    },
  },
];
