// Broken token, introspection, revocation and UserInfo endpoints, and broken metadata.
import { basic } from '../harness/flow.ts';
import { jsonOf } from '../harness/http.ts';
import {
  answering,
  type Asked,
  asking,
  type Fault,
  json,
  mapJson,
  remembering,
  resigning,
  withForm,
  withHeader,
  withRequestHeader,
} from './fault.ts';

const TOKEN = 'token_endpoint';
const INVENTED = {
  access_token: 'invented',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'invented',
};

function isGrant(asked: Asked, grant: string): boolean {
  return asked.place === TOKEN && asked.parameters.get('grant_type') === grant;
}

export const tokenFaults: readonly Fault[] = [
  answering('tokens-for-anything', 'gives tokens where it should refuse', (response, { place }) =>
    place === TOKEN && response.status >= 400 && response.status < 500 ? json(200, INVENTED) : response,
  ),
  answering('no-tokens', 'refuses every request for a token', (response, { place }) =>
    place === TOKEN && response.status === 200 ? json(400, { error: 'invalid_grant' }) : response,
  ),
  answering('other-errors', 'has a word of its own for every error', (response, { place }) =>
    place === TOKEN && response.status >= 400 ? json(response.status, { error: 'nope' }) : response,
  ),
  remembering('forgets-the-family', 'refuses a second use and leaves alive what the first one got', () => {
    const used = new Set<string>();
    return async (asked, send) => {
      const value = asked.parameters.get('code') ?? asked.parameters.get('refresh_token');
      if (asked.place !== TOKEN || value === null) return send(asked);
      if (used.has(value)) return json(400, { error: 'invalid_grant' });
      const response = await send(asked);
      if (response.status === 200) used.add(value);
      return response;
    };
  }),
  remembering('repeats-itself', 'answers a used code or refresh token as it did the first time', () => {
    const answers = new Map<string, string>();
    return async (asked, send) => {
      const value = asked.parameters.get('code') ?? asked.parameters.get('refresh_token') ?? '';
      const response = await send(asked);
      if (asked.place !== TOKEN || value === '') return response;
      const before = answers.get(value);
      if (response.status === 200) answers.set(value, response.text);
      return response.status === 400 && before !== undefined ? json(200, JSON.parse(before)) : response;
    };
  }),
  remembering('many-successors', 'makes a new refresh token for each use', () => {
    let count = 0;
    return async (asked, send) => {
      const response = await send(asked);
      return isGrant(asked, 'refresh_token') && response.status === 200
        ? mapJson(response, (body) => ({
            ...body,
            refresh_token: `${String(body['refresh_token'])}-${++count}`,
          }))
        : response;
    };
  }),
  answering('no-rotation', 'never replaces a refresh token of a public client', (response, asked) =>
    isGrant(asked, 'refresh_token') && response.status === 200
      ? mapJson(response, (body) => ({ ...body, refresh_token: asked.parameters.get('refresh_token') }))
      : response,
  ),
  asking('eternal-refresh', 'never ends a refresh token', async (asked, send) => {
    const response = await send(asked);
    return isGrant(asked, 'refresh_token') && response.status === 400
      ? json(200, { ...INVENTED, refresh_token: asked.parameters.get('refresh_token') })
      : response;
  }),
  asking('get-for-tokens', 'gives tokens by any method', (asked, send) =>
    asked.place === TOKEN && asked.method !== 'POST' ? Promise.resolve(json(200, INVENTED)) : send(asked),
  ),
  asking('secret-in-query', 'takes the secret from the query', (asked, send) => {
    const query = new URLSearchParams(asked.url.split('?', 2)[1] ?? '');
    const secret = query.get('client_secret');
    if (asked.place !== TOKEN || secret === null) return send(asked);
    const request = withRequestHeader(asked, 'authorization', basic(query.get('client_id') ?? '', secret)[1]);
    return send({ ...request, url: asked.url.split('?', 1)[0] ?? '' });
  }),
  answering('machine-identity', 'gives a refresh token to a client without a person', (response, asked) =>
    isGrant(asked, 'client_credentials') && response.status === 200
      ? mapJson(response, (body) => ({ ...body, refresh_token: 'for a machine' }))
      : response,
  ),
  answering('cached-tokens', 'lets caches keep tokens', (response) =>
    withHeader(response, 'cache-control', 'private'),
  ),
  answering('reflects-origin', 'allows every origin, with credentials', (response, asked) => {
    const origin = (asked.headers ?? []).find(([name]) => name === 'origin')?.[1];
    if (origin === undefined) return response;
    return withHeader(
      withHeader(response, 'access-control-allow-origin', origin),
      'access-control-allow-credentials',
      'true',
    );
  }),
  answering('talkative', 'tells of its inside in errors', (response, { place }) =>
    place === TOKEN && response.status >= 400
      ? mapJson(response, (body) => ({
          ...body,
          error_description: 'Error at Object.find (/srv/store.ts:10:5)',
        }))
      : response,
  ),
  answering('seconds-as-text', 'writes expires_in as a text', (response, { place }) =>
    place === TOKEN
      ? mapJson(response, (body) => ({ ...body, expires_in: String(body['expires_in']) }))
      : response,
  ),
  answering('no-challenge', 'leaves WWW-Authenticate out', (response) =>
    withHeader(response, 'www-authenticate', undefined),
  ),
  answering('endless-guesses', 'lets everybody guess secrets', (response) =>
    response.status === 429 ? json(401, { error: 'invalid_client' }) : response,
  ),
  asking('no-form-decoding', 'reads Basic without form-decoding', (asked, send) => {
    const header = (asked.headers ?? []).find(([name]) => name === 'authorization')?.[1] ?? '';
    const pair = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
    return pair.startsWith('%') ? Promise.resolve(json(401, { error: 'invalid_client' })) : send(asked);
  }),
  asking('no-secret-in-body', 'takes no secret in the body', (asked, send) =>
    asked.place === TOKEN && asked.parameters.has('client_secret')
      ? Promise.resolve(json(401, { error: 'invalid_client' }))
      : send(asked),
  ),
  asking('public-with-any-secret', 'takes public clients with any secret', (asked, send) =>
    send(asked.place === TOKEN ? withForm(asked, (form) => form.delete('client_secret')) : asked),
  ),
  asking('no-verifier-needed', 'takes a code without looking at the verifier', async (asked, send) => {
    const response = await send(asked);
    return isGrant(asked, 'authorization_code') && response.status === 400 ? json(200, INVENTED) : response;
  }),
  asking('no-resource', 'gives the default API where another is asked for', (asked, send) =>
    send(
      asked.parameters.has('resource') && (asked.place === TOKEN || asked.place === 'authorization_endpoint')
        ? withForm(asked, (form) => form.delete('resource'))
        : asked,
    ),
  ),
  answering('scope-not-said', 'narrows the scope and does not say so', (response, { place }) =>
    place === TOKEN ? mapJson(response, ({ scope: _scope, ...body }) => body) : response,
  ),
];

export const jwtFaults: readonly Fault[] = [
  resigning('plain-jwt', 'types access tokens as any JWT', 'access_token', (_claims, header) => {
    header['typ'] = 'JWT';
  }),
  resigning('other-sub', 'names somebody else in each ID token', 'id_token', (claims) => {
    claims.sub = `${claims.sub}-${Math.random()}`;
  }),
  resigning('other-sub-of-access', 'names somebody else in access tokens', 'access_token', (claims) => {
    claims.sub = 'somebody';
  }),
  resigning('auth-time-now', 'says that each sign-in was just now', 'id_token', (claims) => {
    claims['auth_time'] = performance.now();
  }),
  resigning('no-auth-time', 'never says when the sign-in was', 'id_token', (claims) => {
    delete claims['auth_time'];
  }),
  resigning('fixed-auth-time', 'says that each sign-in was long ago', 'id_token', (claims) => {
    claims['auth_time'] = 1_000_000;
  }),
  resigning('wrong-aud', 'makes ID tokens for everybody', 'id_token', (claims) => {
    claims.aud = ['everybody'];
  }),
  answering('broken-signature', 'signs ID tokens wrongly', (response, { place }) =>
    place === TOKEN && typeof jsonOf(response)['id_token'] === 'string'
      ? mapJson(response, (body) => ({
          ...body,
          id_token: `${String(body['id_token']).slice(0, -20)}${'A'.repeat(20)}`,
        }))
      : response,
  ),
  answering('id-token-for-all', 'gives an ID token without openid', (response, { place }) =>
    place === TOKEN && response.status === 200
      ? mapJson(response, (body) => ({ id_token: 'e30.e30.e30', ...body }))
      : response,
  ),
];

const USERINFO = 'userinfo_endpoint';

export const userinfoFaults: readonly Fault[] = [
  answering('userinfo-of-another', 'tells of somebody else', (response, { place }) =>
    place === USERINFO ? mapJson(response, (body) => ({ ...body, sub: 'somebody' })) : response,
  ),
  answering('userinfo-says-all', 'tells more than the scopes allow', (response, { place }) =>
    place === USERINFO ? mapJson(response, (body) => ({ ...body, email: 'a@example.test' })) : response,
  ),
  answering('userinfo-says-nothing', 'tells sub alone', (response, { place }) =>
    place === USERINFO && response.status === 200 ? mapJson(response, ({ sub }) => ({ sub })) : response,
  ),
  answering('userinfo-for-any-token', 'takes any token', (response, { place }) =>
    place === USERINFO && response.status !== 200 ? json(200, { sub: 'somebody' }) : response,
  ),
  asking('userinfo-get-only', 'fails on POST', (asked, send) =>
    asked.place === USERINFO && asked.method === 'POST' ? Promise.resolve(json(500, {})) : send(asked),
  ),
  asking('userinfo-post-only', 'fails on GET', (asked, send) =>
    asked.place === USERINFO && asked.method === 'GET' ? Promise.resolve(json(405, {})) : send(asked),
  ),
  asking('case-sensitive-scheme', 'knows Bearer in one spelling', (asked, send) =>
    (asked.headers ?? []).some(
      ([name, value]) => name === 'authorization' && /^bearer /i.test(value) && !value.startsWith('Bearer '),
    )
      ? Promise.resolve(json(401, { error: 'invalid_token' }))
      : send(asked),
  ),
];

const INTROSPECT = 'introspection_endpoint';
const REVOKE = 'revocation_endpoint';

export const introspectionFaults: readonly Fault[] = [
  answering('introspects-for-anybody', 'tells whoever asks', (response, { place }) =>
    place === INTROSPECT && response.status === 401 ? json(200, { active: true }) : response,
  ),
  answering('all-active', 'calls every token active', (response, { place }) =>
    place === INTROSPECT && response.status === 200
      ? mapJson(response, (body) => ({ ...body, active: true }))
      : response,
  ),
  answering('none-active', 'calls no token active', (response, { place }) =>
    place === INTROSPECT && response.status === 200 ? json(200, { active: false }) : response,
  ),
  answering('says-why', 'says why a token is not active to everybody', (response, { place }) =>
    place === INTROSPECT && response.status === 200 && jsonOf(response)['active'] === false
      ? mapJson(response, (body) => ({ ...body, reason: 'unknown' }))
      : response,
  ),
  answering('wide-audience', 'adds an audience', (response, { place }) =>
    place === INTROSPECT
      ? mapJson(response, (body) => ({ ...body, aud: [body['aud'], 'https://evil.example'].flat() }))
      : response,
  ),
  answering('times-as-text', 'writes times as texts', (response, { place }) =>
    place === INTROSPECT ? mapJson(response, (body) => ({ ...body, exp: String(body['exp']) })) : response,
  ),
  asking('revokes-nothing', 'says yes to every revocation and does nothing', (asked, send) =>
    asked.place === REVOKE ? Promise.resolve({ ...json(200, {}), text: '' }) : send(asked),
  ),
  remembering('revokes-for-anybody', 'revokes the token of whoever it is', () => {
    const dead = new Set<string>();
    return async (asked, send) => {
      const token = asked.parameters.get('token') ?? '';
      if (asked.place === REVOKE) dead.add(token);
      const response = await send(asked);
      return asked.place === INTROSPECT && dead.has(token) ? json(200, { active: false }) : response;
    };
  }),
  remembering('keeps-the-grant', 'revokes a refresh token and nothing that hangs from it', () => {
    const dead = new Set<string>();
    return (asked, send) => {
      const value = asked.parameters.get('token') ?? asked.parameters.get('refresh_token') ?? '';
      if (asked.place === REVOKE) {
        dead.add(value);
        return Promise.resolve({ ...json(200, {}), text: '' });
      }
      return dead.has(value) ? Promise.resolve(json(400, { error: 'invalid_grant' })) : send(asked);
    };
  }),
  answering('swallows-storage-errors', 'says yes although nothing was stored', (response, { place }) =>
    place === REVOKE && response.status === 503 ? { ...json(200, {}), text: '' } : response,
  ),
];

function metadataFault(id: string, what: string, change: (body: Record<string, unknown>) => unknown): Fault {
  return answering(id, what, (response, { place }) =>
    place === 'discovery' ? mapJson(response, change) : response,
  );
}

function keysFault(id: string, what: string, change: (key: Record<string, unknown>) => unknown): Fault {
  return answering(id, what, (response, { place }) =>
    place === 'jwks_uri'
      ? mapJson(response, ({ keys }) => ({ keys: ((keys ?? []) as Record<string, unknown>[]).map(change) }))
      : response,
  );
}

export const metadataFaults: readonly Fault[] = [
  metadataFault('other-issuer', 'calls itself by another name', (body) => ({
    ...body,
    issuer: 'https://other.example',
  })),
  metadataFault(
    'no-subject-types',
    'leaves subject_types_supported out',
    ({ subject_types_supported: _types, ...body }) => body,
  ),
  metadataFault('http-endpoint', 'offers an endpoint by http', (body) => ({
    ...body,
    token_endpoint: String(body['token_endpoint']).replace('https:', 'http:'),
  })),
  metadataFault('offers-none', 'offers unsigned ID tokens', (body) => ({
    ...body,
    id_token_signing_alg_values_supported: ['RS256', 'none'],
  })),
  metadataFault('offers-plain', 'offers PKCE plain', (body) => ({
    ...body,
    code_challenge_methods_supported: ['S256', 'plain'],
  })),
  metadataFault('offers-implicit', 'offers the implicit grant', (body) => ({
    ...body,
    response_types_supported: ['code', 'token'],
  })),
  answering('uncached-metadata', 'says nothing of caching', (response) =>
    withHeader(response, 'cache-control', undefined),
  ),
  keysFault('private-keys', 'publishes private members', (key) => ({ ...key, d: 'x' })),
  keysFault('keys-without-kid', 'publishes keys without kid', ({ kid: _kid, ...key }) => key),
  remembering('old-keys', 'publishes the keys of yesterday', () => {
    let first: string | undefined;
    return async (asked, send) => {
      const response = await send(asked);
      if (asked.place !== 'jwks_uri') return response;
      first ??= response.text;
      return { ...response, text: first };
    };
  }),
];
