// Requests as they stand on the wire: any method, any target, any header as often as one likes, no redirects followed.
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type HeaderLine = readonly [name: string, value: string];

export interface HttpRequest {
  readonly method: string;
  /** Sent as it is: neither dots nor doubled slashes are tidied away. */
  readonly url: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
  /** What the connection is opened with (RFC 8705 §2); absent: without a certificate. */
  readonly certificate?: ClientCertificate;
}

/** A certificate and its private key, in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What carries a request to the server. A fault is one of these around another. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
const TIMEOUT_MS = 45_000;

/**
 * @param base where the issuer's origin really listens, if not under its own name
 * @param authorities PEM of who vouches for the server's own certificate, if not one that everybody knows
 */
export function createSend(issuer: string, base = issuer, authorities?: string): Send {
  const from = new URL(issuer).origin;
  const to = new URL(base).origin;
  return (request) => {
    const [, origin = '', target = ''] = /^(https?:\/\/[^/?#]*)(.*)$/s.exec(request.url) ?? [];
    if (origin === '') throw new Error(`Not a URL of the web: ${request.url}`);
    return send(origin === from ? to : origin, target === '' ? '/' : target, request, authorities);
  };
}

function send(
  origin: string,
  target: string,
  request: HttpRequest,
  authorities: string | undefined,
): Promise<HttpResponse> {
  const { protocol, hostname, port } = new URL(origin);
  const secure = protocol === 'https:';
  const options = {
    agent: agentFor(secure, request, authorities),
    ...(secure && authorities !== undefined ? { ca: authorities } : {}),
    ...request.certificate,
    method: request.method,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: target,
    headers: headersOf(request, new URL(origin).host),
    timeout: TIMEOUT_MS,
  };
  return new Promise((resolve, reject) => {
    const sent = (secure ? httpsRequest : httpRequest)(options, (incoming) => {
      const headers = new Headers();
      for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
        for (const value of values) headers.append(name, value);
      }
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('The server did not answer in time')));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The server had closed a kept connection at that moment: nothing was read of the request.
      if (sent.reusedSocket && error.code === 'ECONNRESET')
        resolve(send(origin, target, request, authorities));
      else reject(error);
    });
    sent.end(request.body);
  });
}

/** A connection belongs to one certificate: those with one are not kept. */
function agentFor(secure: boolean, { certificate }: HttpRequest, authorities: string | undefined) {
  if (!secure) return agents.http;
  return certificate === undefined && authorities === undefined ? agents.https : false;
}

/** Node takes them flat and in order, which lets a name come twice. */
function headersOf({ headers = [], body }: HttpRequest, host: string): string[] {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const added: HeaderLine[] = [
    ...(names.has('host') ? [] : [['host', host] as const]),
    ...(body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))] as const]),
  ];
  return [...added, ...headers].flat();
}

/** Members of the JSON object of an answer; none if it is no object. */
export function jsonOf({ text }: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Parameters of a form or a query; a list is sent name by name, what is undefined is left out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

export function encode(parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, one);
  }
  return search.toString();
}
