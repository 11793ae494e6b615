import { hash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** For tests: an issuer that signs everybody in at once, and an API that knows its tokens. What they saw is kept. */
export interface StubServers {
  readonly issuer: string;
  readonly api: string;
  /** Every request to both: method, path, and the form of a POST. */
  readonly seen: readonly { readonly path: string; readonly form: URLSearchParams }[];
  /** How the next answers are; a test changes these. */
  readonly settings: StubSettings;
  close(): Promise<void>;
}

export interface StubSettings {
  lifetimeSeconds: number;
  /** Changes the parameters that go back to the page. */
  tamper: (answer: URLSearchParams) => void;
}

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
}

interface Issued {
  readonly expiresAt: number;
  readonly refreshToken: string;
}

const JSON_HEADERS = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization',
};

const TRACK = {
  name: 'Tiger Rag',
  artists: [{ name: 'Original Dixieland Jass Band' }],
  album: { release_date: '1918' },
  duration_ms: 185_000,
};

export async function startStubServers(): Promise<StubServers> {
  const seen: { path: string; form: URLSearchParams }[] = [];
  const settings: StubSettings = { lifetimeSeconds: 3600, tamper: () => undefined };
  const grants = new Map<string, Grant>();
  const accessTokens = new Map<string, Issued>();

  const issue = () => {
    const token = `tsr_at_${randomUUID().replaceAll('-', '')}CRC32x`;
    const refreshToken = `tsr_rt_${randomUUID()}`;
    accessTokens.set(token, { expiresAt: Date.now() + settings.lifetimeSeconds * 1000, refreshToken });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: settings.lifetimeSeconds,
      refresh_token: refreshToken,
      scope: 'user-read-private',
    };
  };

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    const code = randomUUID();
    const redirectUri = query.get('redirect_uri') ?? '';
    grants.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri });
    const answer = new URLSearchParams({ code, state: query.get('state') ?? '', iss: issuer.url });
    settings.tamper(answer);
    response.writeHead(302, { location: `${redirectUri}?${answer}` }).end();
  };

  const exchange = (form: URLSearchParams, response: ServerResponse): void => {
    const grant = grants.get(form.get('code') ?? '');
    const held = [...accessTokens].find(([, issued]) => issued.refreshToken === form.get('refresh_token'));
    const isProven = grant?.challenge === hash('sha256', form.get('code_verifier') ?? '', 'base64url');
    const isSamePlace = grant?.redirectUri === form.get('redirect_uri');
    grants.delete(form.get('code') ?? '');
    if ((isProven && isSamePlace) || held !== undefined) {
      if (held !== undefined) accessTokens.delete(held[0]);
      return sendJson(response, 200, issue());
    }
    sendJson(response, 400, { error: 'invalid_grant', error_description: 'Invalid authorization code' });
  };

  const issuer = await listen((url, form, request, response) => {
    seen.push({ path: url.pathname, form });
    if (url.pathname === '/authorize') return authorize(url.searchParams, response);
    if (url.pathname === '/api/token') return exchange(form, response);
    if (url.pathname === '/api/revoke') {
      accessTokens.delete(form.get('token') ?? '');
      return sendJson(response, 200, {});
    }
    sendJson(response, 200, {
      issuer: issuer.url,
      authorization_endpoint: `${issuer.url}/authorize`,
      token_endpoint: `${issuer.url}/api/token`,
      revocation_endpoint: `${issuer.url}/api/revoke`,
      authorization_response_iss_parameter_supported: true,
    });
  });

  const api = await listen((url, form, request, response) => {
    seen.push({ path: url.pathname + url.search, form });
    if (request.method === 'OPTIONS') return void response.writeHead(204, JSON_HEADERS).end();
    if (url.pathname.startsWith('/covers/')) return drawNothing(response);
    const refusal = refusalOf(url, request, accessTokens);
    if (refusal !== undefined) return sendJson(response, refusal.status, { error: refusal });
    sendJson(response, 200, contentOf(url, api.url));
  });

  return {
    issuer: issuer.url,
    api: api.url,
    seen,
    settings,
    close: async () => void (await Promise.all([issuer.close(), api.close()])),
  };
}

function refusalOf(url: URL, request: IncomingMessage, issued: ReadonlyMap<string, Issued>) {
  if (url.searchParams.has('access_token'))
    return { status: 400, message: 'A token in a URL is treated as exposed' };
  const token = issued.get(request.headers.authorization?.slice('Bearer '.length) ?? '');
  if (token === undefined) return { status: 401, message: 'Invalid access token' };
  return Date.now() >= token.expiresAt ? { status: 401, message: 'The access token expired' } : undefined;
}

function contentOf(url: URL, origin: string): object {
  if (url.pathname.endsWith('/me')) {
    return { id: 'ada', display_name: 'Ada Lovelace', email: 'ada@example.test', country: 'US' };
  }
  const item = { ...TRACK, external_urls: { spotify: `${origin}/track/1` } };
  if (url.pathname.endsWith('/items')) return { items: [{ item }, { item: null }] };
  const images = [{ url: `${origin}/covers/64/1.svg` }];
  return {
    items: [
      {
        name: 'First sides of jazz',
        public: true,
        images,
        items: { href: `${origin}/v1/playlists/1/items` },
      },
    ],
  };
}

function drawNothing(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'image/svg+xml' })
    .end('<svg xmlns="http://www.w3.org/2000/svg"/>');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, JSON_HEADERS).end(JSON.stringify(body));
}

type Answer = (url: URL, form: URLSearchParams, request: IncomingMessage, response: ServerResponse) => void;

async function listen(answer: Answer): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      answer(new URL(request.url ?? '/', 'http://127.0.0.1'), new URLSearchParams(body), request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
