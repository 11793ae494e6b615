/** The real requests of the walk: an authorization code with PKCE (RFC 6749 §4.1, RFC 7636), as any public app does it. */
import { ISSUER } from '../../shell/address.ts';

export const REDIRECT_URI = `${ISSUER}/console/life`;
const SCOPE = 'openid profile email';

/** One request and its answer, as they were. */
export interface Exchange {
  readonly id: string;
  readonly title: string;
  /** Method, address, headers and body, as text. */
  readonly request: string;
  readonly status: number;
  /** What a refusal says in its header (RFC 6750 §3). */
  readonly challenge: string | undefined;
  readonly answer: string;
  readonly tookMs: number;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly lifetimeSeconds: number;
  /** By this browser's clock, in milliseconds. */
  readonly endsAt: number;
}

interface Started {
  readonly clientId: string;
  readonly verifier: string;
  readonly state: string;
}

/** The verifier has to outlive the way to the sign-in page and back; this tab alone can read it, and once. */
const STORAGE = 'tessera-life-of-a-token';

export interface AuthorizationRequest {
  readonly address: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Remembers what the answer has to fit to; call it right before leaving. */
  readonly remember: () => void;
}

export async function prepareRequest(clientId: string): Promise<AuthorizationRequest> {
  const [verifier, state] = [randomText(), randomText()];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  };
  const started: Started = { clientId, verifier, state };
  return {
    address: `${ISSUER}/authorize?${new URLSearchParams(parameters).toString()}`,
    parameters,
    remember: () => sessionStorage.setItem(STORAGE, JSON.stringify(started)),
  };
}

/** What the sign-in led back to. */
export interface Arrival {
  readonly clientId: string;
  readonly code: string;
  readonly verifier: string;
}

/** Reads the answer from the address, and takes it out of there: a code does not belong into a history. */
export function takeArrival(): Arrival | 'refused' | undefined {
  const query = new URLSearchParams(location.search);
  const [code, state] = [query.get('code'), query.get('state')];
  if (state === null) return undefined;
  history.replaceState(null, '', location.pathname);
  const kept = sessionStorage.getItem(STORAGE);
  sessionStorage.removeItem(STORAGE);
  if (kept === null || code === null) return 'refused';
  const started = JSON.parse(kept) as Started;
  return started.state === state
    ? { clientId: started.clientId, code, verifier: started.verifier }
    : 'refused';
}

export function redeem({ clientId, code, verifier }: Arrival): Promise<Exchange> {
  const form = {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  };
  return post('Exchange the code', '/api/token', form);
}

export function renew(clientId: string, refreshToken: string): Promise<Exchange> {
  const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken };
  return post('Renew', '/api/token', form);
}

export function revoke(clientId: string, token: string): Promise<Exchange> {
  return post('Revoke', '/api/revoke', { client_id: clientId, token });
}

export function callApi(token: string): Promise<Exchange> {
  return exchange('Call an API', 'GET', '/userinfo', { authorization: `Bearer ${token}` });
}

export function sendInUrl(token: string): Promise<Exchange> {
  return exchange(
    'Send it in a URL',
    'GET',
    `/userinfo?${new URLSearchParams({ access_token: token }).toString()}`,
    {},
  );
}

export function tokensOf({ status, answer }: Exchange, at: number): Tokens | undefined {
  if (status !== 200) return undefined;
  const { access_token, refresh_token, expires_in } = JSON.parse(answer) as {
    readonly access_token: string;
    readonly refresh_token?: string;
    readonly expires_in: number;
  };
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    lifetimeSeconds: expires_in,
    endsAt: at + expires_in * 1000,
  };
}

function post(title: string, path: string, form: Readonly<Record<string, string>>): Promise<Exchange> {
  return exchange(title, 'POST', path, { 'content-type': 'application/x-www-form-urlencoded' }, form);
}

async function exchange(
  title: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  form?: Readonly<Record<string, string>>,
): Promise<Exchange> {
  const before = performance.now();
  const answer = await fetch(`${ISSUER}${path}`, {
    method,
    headers,
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    // The token alone speaks, not the session of this browser.
    credentials: 'omit',
    cache: 'no-store',
  });
  const text = await answer.text();
  return {
    id: crypto.randomUUID(),
    title,
    request: requestText(method, path, headers, form),
    status: answer.status,
    challenge: answer.headers.get('www-authenticate') ?? undefined,
    answer: setOut(text),
    tookMs: Math.round(performance.now() - before),
  };
}

function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  form: Readonly<Record<string, string>> = {},
): string {
  const body = Object.entries(form).map(([name, value]) => `  ${name}=${value}`);
  const named = Object.entries(headers).map(([name, value]) => `${titleCase(name)}: ${value}`);
  return [`${method} ${path}`, ...named, ...(body.length > 0 ? ['', ...body] : [])].join('\n');
}

function titleCase(header: string): string {
  return header.replaceAll(/(?:^|-)\w/g, (start) => start.toUpperCase());
}

function setOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
