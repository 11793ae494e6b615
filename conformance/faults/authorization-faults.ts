// Broken authorization endpoints and pages.
import type { HttpResponse } from '../harness/http.ts';
import {
  answering,
  type Asked,
  asking,
  type Fault,
  mapAnswer,
  page,
  redirectTo,
  remembering,
  withForm,
  withHeader,
  withRequestHeader,
} from './fault.ts';

const AUTHORIZE = 'authorization_endpoint';

function isErrorRedirect({ headers }: HttpResponse): boolean {
  return /[?&]error=/.test(headers.get('location') ?? '');
}

function answerAddress(asked: Asked, answer: string): string {
  const uri = asked.parameters.get('redirect_uri') ?? '';
  const to = URL.canParse(uri) ? encodeURI(uri).slice(0, 500) : 'https://evil.example/';
  const state = asked.parameters.get('state');
  return `${to}${to.includes('?') ? '&' : '?'}${answer}${state === null ? '' : `&state=${encodeURIComponent(state)}`}#`;
}

const isPage = ({ headers }: HttpResponse): boolean =>
  headers.get('content-type')?.startsWith('text/html') === true;

export const authorizationFaults: readonly Fault[] = [
  answering(
    'redirects-anywhere',
    'sends errors to whatever redirect URI the request names',
    (response, asked) =>
      asked.place === AUTHORIZE && response.status >= 400
        ? redirectTo(answerAddress(asked, 'error=invalid_request'))
        : response,
  ),
  answering('codes-for-anything', 'gives a code where it should give an error', (response, asked) =>
    asked.place === AUTHORIZE && isErrorRedirect(response)
      ? redirectTo(answerAddress(asked, 'code=invented'))
      : response,
  ),
  answering('asks-instead-of-refusing', 'shows a page where it should give an error', (response, asked) =>
    asked.place === AUTHORIZE && (isErrorRedirect(response) || response.status >= 400)
      ? page(200, '<title>Sign in</title>')
      : response,
  ),
  answering('pages-instead-of-redirects', 'shows errors that the app should be told', (response, asked) =>
    asked.place === AUTHORIZE && isErrorRedirect(response) ? page(400, '<title>Error</title>') : response,
  ),
  asking('fixed-loopback-port', 'takes loopback redirect URIs without a port only', (asked, send) =>
    /^http:\/\/(127|\[::1)[^/]*:\d+\/cb$/.test(asked.parameters.get('redirect_uri') ?? '')
      ? Promise.resolve(page(400, '<title>Error</title>'))
      : send(asked),
  ),
  asking(
    'one-redirect-uri-for-all',
    'takes the first registered redirect URI if another is sent',
    (asked, send) => {
      const uri = asked.parameters.get('redirect_uri') ?? '';
      return asked.place === AUTHORIZE && uri.includes('evil.example')
        ? Promise.resolve(redirectTo(answerAddress(asked, 'code=stolen')))
        : send(asked);
    },
  ),
  answering('no-iss', 'leaves iss out of its answers', (response) =>
    mapAnswer(response, (answer) => answer.delete('iss')),
  ),
  answering('iss-twice', 'says iss twice', (response) =>
    mapAnswer(response, (answer) => answer.append('iss', 'https://evil.example')),
  ),
  answering('307', 'redirects with 307', (response) =>
    response.status === 303 ? { ...response, status: 307 } : response,
  ),
  answering('no-fragment', 'leaves the fragment of the link to the redirect', (response) =>
    withHeader(response, 'location', response.headers.get('location')?.replace(/#$/, '')),
  ),
  answering('forgets-the-registered-query', 'replaces the query of the redirect URI', (response) =>
    mapAnswer(response, (answer) => answer.delete('tenant')),
  ),
  answering('cuts-state', 'keeps 100 characters of state', (response) =>
    mapAnswer(response, (answer) => answer.set('state', (answer.get('state') ?? '').slice(0, 100))),
  ),
  answering('no-state', 'forgets state', (response) =>
    mapAnswer(response, (answer) => answer.delete('state')),
  ),
  asking('cuts-nonce', 'keeps 32 characters of nonce', (asked, send) => {
    const nonce = asked.parameters.get('nonce');
    return send(nonce === null ? asked : withForm(asked, (form) => form.set('nonce', nonce.slice(0, 32))));
  }),
  asking('invents-a-nonce', 'puts a nonce of its own into the ID token', (asked, send) =>
    send(
      asked.place === AUTHORIZE && !asked.parameters.has('nonce')
        ? withForm(asked, (form) => form.set('nonce', 'own'))
        : asked,
    ),
  ),
  refusing('no-post', 'takes authorization requests by GET alone', ({ method }) => method === 'POST'),
  refusing('refuses-unknown-parameters', 'refuses parameters it does not know', ({ parameters }) =>
    [...parameters.keys()].some((name) => !KNOWN.has(name)),
  ),
  refusing('wants-a-nonce', 'wants a nonce', ({ parameters }) => !parameters.has('nonce')),
  refusing('wants-a-state', 'wants a state', ({ parameters }) => !parameters.has('state')),
  refusing('wants-openid-first', 'wants openid before other scopes', ({ parameters }) =>
    /\S +openid/.test(parameters.get('scope') ?? ''),
  ),
  refusing('no-login-hint', 'refuses login_hint', ({ parameters }) => parameters.has('login_hint')),
  refusing('no-hint', 'refuses id_token_hint', ({ parameters }) => parameters.has('id_token_hint')),
  asking('ignores-prompt', 'ignores prompt and max_age', (asked, send) =>
    send(
      asked.place === AUTHORIZE && asked.parameters.get('prompt') !== 'consent'
        ? withForm(asked, (form) => ['prompt', 'max_age'].forEach((name) => form.delete(name)))
        : asked,
    ),
  ),
  asking('forgets-sessions', 'asks for a sign-in each time', (asked, send) =>
    send(asked.place === AUTHORIZE ? withRequestHeader(asked, 'cookie', undefined) : asked),
  ),
  answering('denial-is-a-fault', 'answers a denial with server_error', (response) =>
    mapAnswer(response, (answer) => {
      if (answer.get('error') === 'access_denied') answer.set('error', 'server_error');
    }),
  ),
  asking('any-method', 'takes every method for GET', (asked, send) =>
    send(asked.place === AUTHORIZE && asked.method !== 'POST' ? { ...asked, method: 'GET' } : asked),
  ),
  asking('sloppy-paths', 'finds its endpoint under other spellings, past the checks', (asked, send) =>
    asked.place !== AUTHORIZE && /authorize/i.test(decodeURIComponent(asked.place))
      ? Promise.resolve(redirectTo(answerAddress(asked, 'code=stolen')))
      : send(asked),
  ),
  answering('believes-host', 'takes its own name from the headers of the request', (response, asked) => {
    const evil = (asked.headers ?? []).some(([, value]) => value.includes('evil.example'));
    return evil
      ? { ...response, text: response.text.replaceAll(/https:\/\/id\.[a-z.]+/g, 'https://evil.example') }
      : response;
  }),
  remembering('counts-codes', 'numbers its codes', () => {
    let count = 0;
    return async (asked, send) =>
      mapAnswer(await send(asked), (answer) => {
        if (answer.has('code')) answer.set('code', `code-${String(++count).padStart(6, '0')}`);
      });
  }),
];

const KNOWN = new Set([
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'resource',
  'login_hint',
  'id_token_hint',
]);

function refusing(id: string, what: string, when: (asked: Asked) => boolean): Fault {
  return asking(id, what, (asked, send) =>
    asked.place === AUTHORIZE && when(asked)
      ? Promise.resolve(redirectTo(answerAddress(asked, 'error=invalid_request')))
      : send(asked),
  );
}

function pageHeader(
  id: string,
  what: string,
  name: string,
  change: (value: string) => string | undefined,
): Fault {
  return answering(id, what, (response) =>
    isPage(response) ? withHeader(response, name, change(response.headers.get(name) ?? '')) : response,
  );
}

const CSP = 'content-security-policy';

export const pageFaults: readonly Fault[] = [
  pageHeader('leaks-referrer', 'tells other sites the whole address', 'referrer-policy', () => 'unsafe-url'),
  answering('loads-from-elsewhere', 'loads a script of somebody else', (response) =>
    isPage(response)
      ? {
          ...response,
          text: response.text.replace('</head>', '<script src="https://cdn.example/x.js"></script></head>'),
        }
      : response,
  ),
  pageHeader('framed', 'lets any site frame its pages', 'x-frame-options', () => undefined),
  pageHeader('framed-by-policy', 'lets any site frame its pages', CSP, (value) =>
    value.replace(/frame-ancestors [^;]*;?/, ''),
  ),
  pageHeader('inline-code', 'allows inline code', CSP, (value) => `${value}; script-src 'unsafe-inline'`),
  pageHeader('all-features', 'leaves pages every device', 'permissions-policy', () => undefined),
  pageHeader('sniffing', 'lets browsers guess the type', 'x-content-type-options', () => undefined),
  pageHeader('bound-to-itself', 'binds its forms to itself', CSP, (value) =>
    value.replace(/form-action [^;]*/, "form-action 'self'"),
  ),
  answering('cached-pages', 'lets caches keep pages and redirects', (response) =>
    withHeader(response, 'cache-control', 'max-age=60'),
  ),
  asking('forgets-origin', 'does not look where a form comes from', (asked, send) =>
    send(
      asked.method === 'POST' && (asked.headers ?? []).some(([name]) => name === 'origin')
        ? withRequestHeader(
            withRequestHeader(asked, 'origin', new URL(asked.url).origin),
            'sec-fetch-site',
            'same-origin',
          )
        : asked,
    ),
  ),
  remembering('forms-of-anybody', 'takes the form of one browser from another', () => {
    const shownTo = new Map<string, string>();
    return async (asked, send) => {
      const token = asked.parameters.get('interaction');
      const cookie = asked.method === 'POST' && token !== null ? shownTo.get(token) : undefined;
      const request = cookie === undefined ? asked : withRequestHeader(asked, 'cookie', cookie);
      const response = await send(request);
      const [, shown] = /name="interaction" value="([^"]+)"/.exec(response.text) ?? [];
      const own = cookieOf(asked);
      if (shown !== undefined && !shownTo.has(shown)) shownTo.set(shown, own);
      // The interaction also travels in the redirect that gives the browser its cookie.
      const [, sent] = /interaction=([^&#]+)/.exec(response.headers.get('location') ?? '') ?? [];
      const given = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
      if (sent !== undefined) shownTo.set(sent, [own, ...given].filter((part) => part !== '').join('; '));
      return response;
    };
  }),
  remembering('keeps-session-ids', 'signs in the session that the browser brought', () => {
    const signedIn = new Map<string, string>();
    return async (asked, send) => {
      const cookie = cookieOf(asked);
      const [, id] = /-browser=([^;]+)/.exec(cookie) ?? [];
      const known = id === undefined ? undefined : signedIn.get(id);
      const request =
        known === undefined || cookie.includes('-session=')
          ? asked
          : withRequestHeader(asked, 'cookie', `${cookie}; ${known}`);
      const response = await send(request);
      const session = response.headers.getSetCookie().find((line) => line.includes('-session='));
      if (session !== undefined && id !== undefined) signedIn.set(id, session.split(';', 1)[0] ?? '');
      return response;
    };
  }),
  answering('readable-cookies', 'lets scripts read its cookies', (response) => {
    const lines = response.headers.getSetCookie();
    if (lines.length === 0) return response;
    const headers = new Headers(response.headers);
    headers.delete('set-cookie');
    for (const line of lines) headers.append('set-cookie', line.replace(/; HttpOnly/i, ''));
    return { ...response, headers };
  }),
  remembering('silent-for-everyone', 'asks nobody twice', () => {
    const agreed = new Set<string>();
    return async (asked, send) => {
      const response = await send(asked);
      const client = asked.parameters.get('client_id') ?? '';
      if (/[?&]code=/.test(response.headers.get('location') ?? '')) agreed.add('any');
      return asked.place === AUTHORIZE &&
        agreed.has('any') &&
        client !== '' &&
        !/[?&](code|error)=/.test(response.headers.get('location') ?? '')
        ? redirectTo(answerAddress(asked, 'code=silent'))
        : response;
    };
  }),
  answering('no-links', 'links to no page of an app', (response) =>
    isPage(response)
      ? { ...response, text: response.text.replaceAll('href="https://app.', 'href="/app.') }
      : response,
  ),
  answering('unescaped', 'writes names into its pages as they came', (response) =>
    isPage(response)
      ? {
          ...response,
          text: response.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"'),
        }
      : response,
  ),
];

function cookieOf(asked: Asked): string {
  return (asked.headers ?? []).find(([name]) => name === 'cookie')?.[1] ?? '';
}
