// Broken endpoints for pushed requests, registration, devices and logout.
import { type HttpResponse, jsonOf } from '../harness/http.ts';
import {
  answering,
  asking,
  type Fault,
  json,
  mapJson,
  page,
  redirectTo,
  remembering,
  withForm,
  withHeader,
} from './fault.ts';

const PAR = 'pushed_authorization_request_endpoint';
const REGISTER = 'registration_endpoint';
const DEVICE = 'device_authorization_endpoint';
const LOGOUT = 'end_session_endpoint';
const PUSHED = { request_uri: `urn:ietf:params:oauth:request_uri:${'a'.repeat(43)}`, expires_in: 60 };

const refused = ({ status }: HttpResponse): boolean => status >= 400 && status < 500;

export const pushFaults: readonly Fault[] = [
  answering('pushes-anything', 'takes every pushed request', (response, { place }) =>
    place === PAR && refused(response) ? json(201, PUSHED) : response,
  ),
  answering('pushes-nothing', 'refuses every pushed request', (response, { place }) =>
    place === PAR && response.status === 201 ? json(400, { error: 'server_error' }) : response,
  ),
  answering('one-request-uri', 'gives the same request_uri to all', (response, { place }) =>
    place === PAR && response.status === 201 ? json(201, PUSHED) : response,
  ),
  answering('eternal-request-uri', 'keeps pushed requests for a day', (response, { place }) =>
    place === PAR && response.status === 201
      ? mapJson(response, (body) => ({ ...body, expires_in: 86_400 }))
      : response,
  ),
  answering('cached-push', 'lets caches keep request_uri', (response, { place }) =>
    place === PAR ? withHeader(response, 'cache-control', 'max-age=60') : response,
  ),
  asking('outer-parameters-win', 'lets parameters beside request_uri win', async (asked, send) => {
    const response = await send(asked);
    const uri = asked.parameters.get('redirect_uri');
    return asked.parameters.has('request_uri') && uri !== null
      ? redirectTo(`${uri}?code=stolen&state=${asked.parameters.get('state') ?? ''}`)
      : response;
  }),
  asking('ignores-request-objects', 'ignores request and request_uri', (asked, send) =>
    send(
      asked.place === 'authorization_endpoint'
        ? withForm(asked, (form) => ['request', 'request_uri'].forEach((name) => form.delete(name)))
        : asked,
    ),
  ),
  asking('follows-unsigned-objects', 'does what an unsigned object says', (asked, send) => {
    const payload = asked.parameters.get('request')?.split('.')[1];
    const inside = payload === undefined ? undefined : readUri(payload);
    return inside === undefined
      ? send(asked)
      : Promise.resolve(redirectTo(`${inside}?error=invalid_request`));
  }),
];

function readUri(payload: string): string | undefined {
  try {
    const value = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { redirect_uri?: string };
    return value.redirect_uri;
  } catch {
    return undefined;
  }
}

export const registrationFaults: readonly Fault[] = [
  {
    id: 'no-look-at-metadata',
    what: 'registers clients without a look at their metadata',
    plant: (next) => next,
    hooks: (hooks) => ({
      ...hooks,
      createClient: (metadata) =>
        hooks.createClient(metadata).catch(() => ({ client_id: 'invented', client_secret: 'invented' })),
    }),
  },
  answering('registers-anything', 'registers whatever is sent', (response, asked) =>
    asked.place === REGISTER && (refused(response) || response.status === 401)
      ? json(201, { client_id: 'chosen', client_secret: 'chosen' })
      : response,
  ),
  answering('registers-any-scope', 'gives an app whatever scope it names', (response, { place }) =>
    place === REGISTER && response.status === 201
      ? mapJson(response, (body) => ({ ...body, scope: 'openid admin' }))
      : response,
  ),
  answering('registers-nothing', 'refuses every registration', (response, { place }) =>
    place === REGISTER && response.status === 201
      ? json(400, { error: 'invalid_client_metadata' })
      : response,
  ),
  answering('secrets-for-public', 'gives everybody a secret', (response, { place }) =>
    place === REGISTER && response.status === 201
      ? mapJson(response, (body) => ({ ...body, client_secret: 'x' }))
      : response,
  ),
  answering('manages-for-anybody', 'lets any token manage any client', (response, { place }) =>
    place.startsWith('/api/register/') && refused(response) ? json(200, {}) : response,
  ),
  answering('keeps-old-redirects', 'says yes to a change and does nothing', (response, { place, method }) =>
    place.startsWith('/api/register/') && method === 'PUT'
      ? json(400, { error: 'invalid_client_metadata' })
      : response,
  ),
  asking('fetches-anything', 'fetches what registrations name', async (asked, send) => {
    const body: Readonly<Record<string, unknown>> =
      asked.place === REGISTER ? jsonOf({ status: 0, headers: new Headers(), text: asked.body ?? '' }) : {};
    for (const value of Object.values(body)) {
      if (typeof value !== 'string' || !value.startsWith('http://127.0.0.1:')) continue;
      // oxlint-disable-next-line no-await-in-loop -- few
      await fetch(value).catch(() => undefined);
    }
    return send(asked);
  }),
];

export const deviceFaults: readonly Fault[] = [
  answering('no-devices', 'refuses every device', (response, { place }) =>
    place === DEVICE && response.status === 200 ? json(400, { error: 'invalid_client' }) : response,
  ),
  answering('devices-of-anybody', 'takes every device request', (response, { place }) =>
    place === DEVICE && response.status === 401
      ? json(200, {
          device_code: 'x',
          user_code: 'x',
          verification_uri: 'https://x.example',
          expires_in: 600,
        })
      : response,
  ),
  answering('short-user-code', 'makes user codes of three digits', (response, { place }) =>
    place === DEVICE ? mapJson(response, (body) => ({ ...body, user_code: '123' })) : response,
  ),
  answering('patient', 'never tells a device to slow down', (response, { place }) =>
    place === 'token_endpoint' && jsonOf(response)['error'] === 'slow_down'
      ? json(400, { error: 'authorization_pending' })
      : response,
  ),
  answering('approves-by-link', 'says pending for ever', (response, { place }) =>
    place === 'token_endpoint' && jsonOf(response)['error'] === 'authorization_pending'
      ? json(200, { access_token: 'x', token_type: 'Bearer', expires_in: 60 })
      : response,
  ),
];

export const logoutFaults: readonly Fault[] = [
  remembering('leaves-to-anywhere', 'goes to whatever address the request names', () => {
    let wanted: string | null = null;
    return async (asked, send) => {
      const response = await send(asked);
      if (asked.place !== LOGOUT) return response;
      wanted =
        asked.parameters.get('post_logout_redirect_uri') ??
        wanted ??
        (asked.parameters.has('form_token') ? null : 'https://app.example.com/');
      return wanted === null || response.status >= 500 ? response : redirectTo(wanted);
    };
  }),
  answering('leaves-nowhere', 'never goes back to the app', (response, { place }) =>
    place === LOGOUT && (response.headers.get('location') ?? '').startsWith('https://app.')
      ? page(200, '<title>Signed out</title>')
      : response,
  ),
  asking('signs-nobody-out', 'says goodbye and does nothing', (asked, send) => {
    const to = asked.parameters.get('post_logout_redirect_uri');
    return asked.place === LOGOUT && to !== null
      ? Promise.resolve(redirectTo(`${to}?state=${asked.parameters.get('state') ?? ''}`))
      : send(asked);
  }),
  asking('signs-out-by-get-only', 'signs out by GET alone', (asked, send) =>
    asked.place === LOGOUT && asked.method === 'POST' ? Promise.resolve(json(405, {})) : send(asked),
  ),
  asking('faulty-logout', 'fails on what it does not know', (asked, send) =>
    asked.place === LOGOUT && asked.parameters.has('client_id')
      ? Promise.resolve(json(500, {}))
      : send(asked),
  ),
  remembering('signs-out-whoever-asks', 'signs out without asking', () => {
    let ended = false;
    return (asked, send) => {
      if (asked.place === LOGOUT && asked.method === 'POST') ended = true;
      const { headers = [], ...rest } = asked;
      return send(ended ? { ...rest, headers: headers.filter(([name]) => name !== 'cookie') } : asked);
    };
  }),
];

const receivers = new Set<string>();

const callsAnyReceiver: Fault = {
  id: 'calls-any-receiver',
  what: 'calls receivers of logout tokens wherever they are',
  hooks: (hooks) => ({
    ...hooks,
    createClient({ backchannel_logout_uri: receiver, ...metadata }) {
      if (typeof receiver === 'string') receivers.add(receiver);
      return hooks.createClient(metadata);
    },
  }),
  plant: (next, metadata) => async (request) => {
    if (request.url.startsWith(String(metadata[LOGOUT]))) {
      for (const receiver of receivers) {
        // oxlint-disable-next-line no-await-in-loop -- few
        await fetch(receiver, { method: 'POST' }).catch(() => undefined);
      }
    }
    return next(request);
  },
};

export const featureFaults: readonly Fault[] = [
  callsAnyReceiver,
  answering('no-userinfo', 'refuses every token', (response, { place }) =>
    place === 'userinfo_endpoint' && response.status === 200
      ? withHeader(json(401, { error: 'invalid_token' }), 'www-authenticate', 'DPoP error="invalid_token"')
      : response,
  ),
  answering('one-more-parameter', 'adds a parameter to its answers', (response) => {
    const location = response.headers.get('location');
    return location?.includes('response=') === true
      ? withHeader(response, 'location', `${location.replace(/#$/, '')}&more=1#`)
      : response;
  }),
  answering('plain-introspection', 'signs no introspection', (response, { place }) =>
    place === 'introspection_endpoint' ? withHeader(response, 'content-type', 'application/json') : response,
  ),
  answering('plain-userinfo', 'signs no UserInfo', (response, { place }) =>
    place === 'userinfo_endpoint' ? withHeader(response, 'content-type', 'application/json') : response,
  ),
  answering('no-cnf', 'does not tell the key of a token', (response, { place }) =>
    place === 'introspection_endpoint' ? mapJson(response, ({ cnf: _cnf, ...body }) => body) : response,
  ),
  answering('address-as-text', 'writes the address as a text', (response, { place }) =>
    place === 'userinfo_endpoint'
      ? mapJson(response, (body) => ({ ...body, address: 'Berlin', phone_number: '030' }))
      : response,
  ),
];
