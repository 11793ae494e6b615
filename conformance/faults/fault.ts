// A planted fault: the server as it would be with one rule broken. It stands between the harness and a good server.
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type HttpRequest, type HttpResponse, jsonOf, type Send } from '../harness/http.ts';
import type { Hooks } from '../harness/hooks.ts';
import type { Metadata } from '../harness/metadata.ts';

export interface Fault {
  readonly id: string;
  /** What the broken server does. */
  readonly what: string;
  plant(next: Send, metadata: Metadata): Send | Promise<Send>;
  /** For what goes past the network: registration by an administrator. */
  hooks?(hooks: Hooks): Hooks;
}

/** A request as the faults look at it. */
export interface Asked extends HttpRequest {
  /** The member of the metadata whose address this is, or the path. */
  readonly place: string;
  /** Parameters of the form, or of the query where there is none. */
  readonly parameters: URLSearchParams;
}

export function askedOf(request: HttpRequest, metadata: Metadata): Asked {
  const [address = '', query = ''] = request.url.split('?', 2);
  // Where certificates are asked for an endpoint has another address (RFC 8705 §5); the place is the same.
  const addresses = [metadata, metadata['mtls_endpoint_aliases'] ?? {}].flatMap((each) =>
    Object.entries(each),
  );
  const named = addresses.find(([, value]) => value === address)?.[0];
  const place =
    named ?? (address.includes('/.well-known/o') ? 'discovery' : (URL.parse(address)?.pathname ?? address));
  return { ...request, place, parameters: new URLSearchParams(request.body ?? query) };
}

/** A fault that changes what comes back. */
export function answering(
  id: string,
  what: string,
  change: (response: HttpResponse, asked: Asked, send: Send) => HttpResponse | Promise<HttpResponse>,
): Fault {
  return {
    id,
    what,
    plant: (next, metadata) => async (request) =>
      change(await next(request), askedOf(request, metadata), next),
  };
}

/** A fault that changes what is asked, or answers by itself. */
export function asking(
  id: string,
  what: string,
  change: (asked: Asked, send: Send) => Promise<HttpResponse>,
): Fault {
  return { id, what, plant: (next, metadata) => (request) => change(askedOf(request, metadata), next) };
}

/** A fault with a memory: made anew for each check. */
export function remembering(
  id: string,
  what: string,
  make: () => (asked: Asked, send: Send) => Promise<HttpResponse>,
): Fault {
  return {
    id,
    what,
    plant(next, metadata) {
      const change = make();
      return (request) => change(askedOf(request, metadata), next);
    },
  };
}

export function withHeader(response: HttpResponse, name: string, value: string | undefined): HttpResponse {
  const headers = new Headers(response.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return { ...response, headers };
}

export function json(status: number, body: unknown): HttpResponse {
  return {
    status,
    headers: new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' }),
    text: JSON.stringify(body),
  };
}

export function redirectTo(location: string): HttpResponse {
  return { status: 303, headers: new Headers({ location, 'cache-control': 'no-store' }), text: '' };
}

export function page(status: number, text: string): HttpResponse {
  return { status, headers: new Headers({ 'content-type': 'text/html' }), text };
}

/** Changes members of a JSON answer. */
export function mapJson(
  response: HttpResponse,
  change: (body: Record<string, unknown>) => unknown,
): HttpResponse {
  return { ...response, text: JSON.stringify(change({ ...jsonOf(response) })) };
}

/** The answer to the app changed: the parameters of a Location outside of the server. */
export function mapAnswer(response: HttpResponse, change: (answer: URLSearchParams) => void): HttpResponse {
  const location = response.headers.get('location');
  if (location === null || !/[?&](code|error)=/.test(location)) return response;
  const [address = '', fragment] = location.split('#', 2);
  const start = address.indexOf('?');
  const answer = new URLSearchParams(address.slice(start + 1));
  change(answer);
  const rest = fragment === undefined ? '' : `#${fragment}`;
  return withHeader(response, 'location', `${address.slice(0, start)}?${answer.toString()}${rest}`);
}

export function withForm(asked: Asked, change: (form: URLSearchParams) => void): HttpRequest {
  const form = new URLSearchParams(asked.parameters);
  change(form);
  if (asked.body !== undefined) return { ...asked, body: form.toString() };
  return { ...asked, url: `${asked.url.split('?', 1)[0]}?${form.toString()}` };
}

export function withRequestHeader(
  request: HttpRequest,
  name: string,
  value: string | undefined,
): HttpRequest {
  const others = (request.headers ?? []).filter(([one]) => one.toLowerCase() !== name);
  return { ...request, headers: value === undefined ? others : [...others, [name, value]] };
}

/** Signs the JWTs of an answer anew, with a key that the JWKS then holds: any claim can be made wrong. */
export function resigning(
  id: string,
  what: string,
  member: 'id_token' | 'access_token',
  change: (claims: JWTPayload, header: Record<string, unknown>) => void,
): Fault {
  return {
    id,
    what,
    async plant(next, metadata) {
      const { privateKey, publicKey } = await generateKeyPair('RS256');
      const own = { ...(await exportJWK(publicKey)), kid: 'fault', alg: 'RS256', use: 'sig' };
      return async (request) => {
        const response = await next(request);
        const { place } = askedOf(request, metadata);
        if (place === 'jwks_uri') {
          return mapJson(response, (body) => ({
            keys: [...((body['keys'] as unknown[] | undefined) ?? []), own],
          }));
        }
        const token = place === 'token_endpoint' ? jsonOf(response)[member] : undefined;
        if (typeof token !== 'string' || !token.startsWith('eyJ')) return response;
        const [head = '', body = ''] = token.split('.');
        const header = {
          ...(JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>),
          alg: 'RS256',
          kid: 'fault',
        };
        const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as JWTPayload;
        change(claims, header);
        const signed = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
        return mapJson(response, (answer) => ({ ...answer, [member]: signed }));
      };
    },
  };
}
