// Signed requests: only whole, fresh, of their client, for this server.
import type { Check } from '../harness/check.ts';
import { expectError, expectNoCode } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import {
  answerOf,
  attempt,
  authorizationParameters,
  authorizationUrl,
  call,
  createPkce,
  lead,
  requestUrl,
  signedIn,
} from '../harness/flow.ts';
import { assemble, keyOf, randomId, seconds, sign } from '../harness/jwt.ts';
import type { Feature } from '../harness/metadata.ts';
import { type Client, createKey, type Target } from '../harness/target.ts';

const OBJECT = ['invalid_request_object', 'invalid_request'];
type Claims = Readonly<Record<string, unknown>>;

function signingClient(target: Target): Promise<Client> {
  return target.once('request signer', async () => {
    const key = await createKey('ES256');
    return target.createClient(
      { client_name: 'Signer', request_object_signing_alg: 'ES256', jwks: { keys: [key.publicJwk] } },
      key,
    );
  });
}

function claimsOf(target: Target, client: Client, more: Claims = {}): Claims {
  return {
    ...authorizationParameters(client, createPkce()),
    iss: client.id,
    aud: target.issuer,
    jti: randomId(),
    iat: seconds(),
    nbf: seconds(),
    exp: seconds(60),
    ...more,
  };
}

const TYP = { typ: 'oauth-authz-req+jwt' };

async function send(
  target: Target,
  client: Client,
  request: string,
  more = {},
): Promise<ReturnType<typeof lead>> {
  const browser = await signedIn(target);
  const url = authorizationUrl(target, {
    client_id: client.id,
    request,
    response_type: 'code',
    scope: 'openid',
    ...more,
  });
  return lead(target, browser, await browser.get(url));
}

type Forge = (target: Target, client: Client) => Promise<string>;

const signed =
  (more: Claims, header: Claims = {}): Forge =>
  (target, client) =>
    sign(keyOf(client), claimsOf(target, client, more), { ...TYP, ...header });

/** Each must be refused. */
const FORGERIES: readonly (readonly [id: string, what: string, forge: Forge])[] = [
  [
    'alg-none',
    'unsigned',
    (target, client) => Promise.resolve(assemble({ ...TYP, alg: 'none' }, claimsOf(target, client))),
  ],
  [
    'invalid-signature',
    'with a broken signature',
    async (target, client) => `${(await signed({})(target, client)).slice(0, -12)}AAAAAAAAAAAA`,
  ],
  [
    'other-clients-key',
    'signed with the key of somebody else',
    async (target, client) => sign(await createKey('ES256'), claimsOf(target, client), TYP),
  ],
  [
    'rs256',
    'signed with RS256 where ES256 is registered',
    async (target, client) =>
      sign(await createKey('RS256', keyOf(client).publicJwk.kid), claimsOf(target, client), TYP),
  ],
  ['bad-aud', 'for another server', signed({ aud: 'https://other.example' })],
  ['no-aud', 'for nobody', signed({ aud: undefined })],
  ['bad-iss', 'of another issuer', signed({ iss: 'somebody' })],
  ['expired', 'that has expired', signed({ exp: seconds(-30) })],
  ['nbf-future', 'that begins in an hour', signed({ nbf: seconds(3600), exp: seconds(3660) })],
  ['other-client', 'that names another client', signed({ client_id: 'somebody' })],
  ['nested-request', 'with a request inside', signed({ request: 'eyJ' })],
  ['nested-request-uri', 'with a request_uri inside', signed({ request_uri: 'https://evil.example/' })],
  [
    'wrong-redirect',
    'with an unregistered redirect URI',
    signed({ redirect_uri: 'https://evil.example/cb' }),
  ],
  ['not-a-jwt', 'that is no JWT', () => Promise.resolve('nonsense')],
  ['array-payload', 'whose payload is a list', () => Promise.resolve(assemble({ alg: 'ES256' }, [], 'AAAA'))],
];

function refusals(feature: Feature, prefix: string): readonly Check[] {
  return FORGERIES.map(([id, what, forge]) => ({
    id: `${prefix}-${id}`,
    title: `A request object ${what} is refused${feature === 'par' ? ' at PAR' : ''}`,
    source: 'RFC 9101 §6, §10; RFC 8725 §3; FAPI 2.0 Message Signing §5.3',
    needs: ['request_object', 'code', ...(feature === 'par' ? (['par'] as const) : [])],
    async run(target) {
      const client = await signingClient(target);
      const request = await forge(target, client);
      if (feature !== 'par') return expectNoCode(target, await send(target, client, request), OBJECT);
      const answer = await call(target, 'pushed_authorization_request_endpoint', client, {
        client_id: client.id,
        request,
      });
      expectError(answer, [...OBJECT, 'invalid_client']);
    },
  }));
}

export const requestObjectChecks: readonly Check[] = [
  ...refusals('request_object', 'AZ-82'),
  ...refusals('par', 'fapi2-par-request-object'),
  {
    id: 'AZ-82-inside',
    title: 'Of a signed request only what is inside counts',
    source: 'RFC 9101 §5, §6.3; fapi2-different-state-inside-and-outside-request-object',
    needs: ['request_object', 'code'],
    async run(target) {
      const client = await signingClient(target);
      const request = await sign(keyOf(client), claimsOf(target, client, { state: 'inside' }), TYP);
      const visit = await send(target, client, request, {
        state: 'outside',
        redirect_uri: client.redirectUri,
      });
      const answer = answerOf(target, visit);
      ensure(answer.has('code'), `No code: ${answer.get('error')} ${answer.get('error_description')}`);
      ensureEqual(answer.get('state'), 'inside', 'state');
    },
  },
  {
    id: 'AZ-82-aud-list',
    title: 'A request object for several audiences, one of them the issuer, is taken',
    source: 'RFC 9101 §4; RFC 7519 §4.1.3',
    needs: ['request_object', 'code'],
    async run(target) {
      const client = await signingClient(target);
      const claims = claimsOf(target, client, { aud: ['https://other.example', target.issuer] });
      const visit = await send(target, client, await sign(keyOf(client), claims, TYP));
      ensure(
        answerOf(target, visit).has('code'),
        `No code: ${answerOf(target, visit).get('error_description')}`,
      );
    },
  },
  ...(['unsigned-request-object', 'request-uri'] as const).map(
    (kind): Check => ({
      id:
        kind === 'request-uri'
          ? 'AZ-83'
          : 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
      title:
        kind === 'request-uri'
          ? 'A request_uri of the web is refused: request_uri_not_supported or invalid_request_uri'
          : 'An unsigned request object is refused by name, never silently ignored',
      source: 'OpenID Connect Core §6, §3.1.2.6; CVE-2020-10770',
      needs: ['code', 'openid'],
      async run(target) {
        const client = await target.web();
        const parameters =
          kind === 'request-uri'
            ? { request_uri: 'https://127.0.0.1:1/request' }
            : { request: assemble({ alg: 'none' }, { state: 'inside' }) };
        const { answer, visit } = await attempt(target, { client, parameters });
        ensure(!answer.has('code'), 'The request was answered with a code');
        if (visit.leftFor === undefined) return ensureOneOf(visit.status, [400, 403], 'Status');
        ensureOneOf(
          answer.get('error'),
          [
            'request_not_supported',
            'request_uri_not_supported',
            'invalid_request_object',
            'invalid_request_uri',
            'invalid_request',
          ],
          'error',
        );
      },
    }),
  ),
  {
    id: 'oidcc-ensure-request-object-with-redirect-uri',
    title: 'A request object of a client that cannot sign does not change where the answer goes',
    source: 'OpenID Connect Core §6.1',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const request = assemble({ alg: 'none' }, { redirect_uri: 'https://evil.example/cb' });
      const visit = await target.browser().get(requestUrl(target, client, { request }));
      ensure(
        visit.leftFor?.startsWith('https://evil.example') !== true,
        'The answer goes to the URI of the object',
      );
    },
  },
];
