/**
 * A request, from its first look to its last byte. Everything is decided about one reading of it, and that reading is
 * what goes on.
 * @spec RFC 9110 §7, §10.1.1; RFC 9112 §3, §6.1; RFC 6750 §2
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientFacts, type PresentedRequest, TokenError } from '@tessera/verifier';
import { headersHandedOver } from './cat/hand-over.ts';
import { tokenInTarget } from './checks/exposed-token.ts';
import type { PassedRequest } from './checks/route-check.ts';
import type { Caller } from './headers/caller.ts';
import { type HeaderList, headersForUpstream } from './headers/request-headers.ts';
import { type McpMessage, readMcpMessage } from './mcp/tool-calls.ts';
import { forward } from './proxy/forward.ts';
import type { Passages } from './proxy/passages.ts';
import { GatewayError } from './refusal.ts';
import { readRequestTarget, type RequestTarget } from './request-target.ts';
import type { Guard, Route } from './route.ts';
import type { Visit } from './visit.ts';

/** Reads the request target and the caller. @throws GatewayError, TokenError `token_in_url` */
export function lookAt(visit: Visit, exposed: (token: string) => void): RequestTarget {
  const { request, generation } = visit;
  requireOneFraming(request);
  const { url = '' } = request;
  visit.caller = generation.readCaller(request);
  refuseTokenInUrl(url, exposed);
  const target = readRequestTarget(url);
  if (target === undefined) throw new GatewayError('ambiguous_path');
  visit.target = target;
  return target;
}

/** @throws TokenError `token_in_url` */
export function refuseTokenInUrl(url: string, exposed: (token: string) => void): void {
  const token = tokenInTarget(url);
  if (token === undefined) return;
  if (token !== '') exposed(token);
  throw new TokenError('token_in_url');
}

/** What Node's parser lets through and an upstream may read otherwise. */
function requireOneFraming({ httpVersion, headers, rawHeaders }: IncomingMessage): void {
  const { 'transfer-encoding': encoding } = headers;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  const isOne =
    hosts === 1 &&
    (httpVersion === '1.1' || (httpVersion === '1.0' && encoding === undefined)) &&
    (encoding === undefined || encoding.toLowerCase() === 'chunked');
  if (!isOne) throw new GatewayError('ambiguous_framing', { connection: 'close' });
}

/** @throws GatewayError */
export function routeOf(visit: Visit): Route {
  const { caller, target, request } = visit;
  if (caller === undefined || target === undefined) throw new GatewayError('no_route');
  const { method = '' } = request;
  // An upstream that answers it would show the headers that the gateway adds.
  if (method === 'TRACE') throw new GatewayError('method_not_allowed');
  return enterRoute(visit, caller.host, target, method);
}

/** Finds the route, and takes out of the target what is a token there. @throws GatewayError */
export function enterRoute(visit: Visit, host: string, target: RequestTarget, method: string): Route {
  const { findRoute } = visit.generation;
  const route = findRoute(host, target.path, method);
  visit.route = route;
  if (route.catPlaces === undefined) return route;
  const left = route.catPlaces.targetWithout(target);
  if (left === undefined) {
    delete visit.target;
    throw new GatewayError('ambiguous_path');
  }
  visit.target = left;
  // A token in front of another route's path would be the way around its check.
  if (left.path !== target.path && findRoute(host, left.path, method) !== route) {
    throw new GatewayError('ambiguous_path');
  }
  return route;
}

/** The request as the verifier reads it. */
export function presentedBy(
  { method, url, headers, rawHeaders, socket }: IncomingMessage,
  { origin }: Caller,
  client: ClientFacts,
): PresentedRequest {
  return { method, url, headers, rawHeaders, socket, client, origin: () => origin };
}

/** A request that may go on. */
export interface Admitted {
  readonly passed?: PassedRequest;
  /** A message to an MCP server, read for its calls. */
  readonly message?: McpMessage;
}

/** @throws TokenError, GatewayError, BadMessage */
export async function admit(visit: Visit, guard: Guard | undefined): Promise<Admitted> {
  const { request, caller, route, generation } = visit;
  if (guard === undefined || caller === undefined) return {};
  const presented = presentedBy(request, caller, generation.readClient(caller, request.socket));
  const tools = route?.config.mcp?.tools;
  if (tools === undefined) return { passed: await guard.check(presented) };
  let message: McpMessage | undefined;
  const passed = await guard.check(presented, async () => {
    message = await readMcpMessage(request, tools);
    return message?.scopes ?? [];
  });
  return message === undefined ? { passed } : { passed, message };
}

/** Passes an admitted request on; resolves when its answer is over. @throws GatewayError while none began */
export async function passOn(
  visit: Visit,
  response: ServerResponse,
  route: Route,
  admitted: Admitted,
  passages: Passages,
): Promise<void> {
  const { upstream, guard } = route;
  const { request } = visit;
  if (upstream === undefined) throw new GatewayError('no_route');
  const { message, passed } = admitted;
  const { max_body_bytes: maxBodyBytes } = route.config;
  if (maxBodyBytes > 0 && Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
    throw new GatewayError('content_too_large', { connection: 'close' });
  }
  const headers = upstreamHeaders(visit, route, admitted);
  const handed = passed && headersHandedOver(passed.accessToken);
  const forwarding = forward(request, response, {
    upstream,
    target: upstreamTarget(visit, route),
    maxBodyBytes,
    headers: message === undefined ? headers : without(headers, 'content-length'),
    ...(message === undefined ? {} : { body: message.body }),
    ...(handed === undefined ? {} : { handed }),
  });
  visit.forwardedAt = performance.now();
  if (passed === undefined || guard === undefined) return forwarding.over;
  const { accessToken, token, presented } = passed;
  const end = (reason: TokenError): void => {
    visit.outcome = reason.code;
    forwarding.end(reason);
  };
  const passage = { exp: accessToken.exp, token, presented, verifier: guard.verifier, end };
  passages.add(passage);
  try {
    return await forwarding.over;
  } finally {
    passages.remove(passage);
  }
}

/** What the upstream is told: what the caller may say, then who asks. */
export function upstreamHeaders(visit: Visit, route: Route, { passed }: Admitted): HeaderList {
  const { request, caller, generation, id } = visit;
  if (caller === undefined) throw new GatewayError('no_route');
  const headers = headersForUpstream(request, caller, route.headerRules);
  headers.push('x-request-id', id, 'via', '1.1 tessera');
  if (passed !== undefined && route.guard !== undefined) {
    for (const [name, value] of route.guard.writeIdentity(passed.accessToken)) {
      if (value !== '') headers.push(name, value);
    }
    pushToken(headers, route, passed, generation.insideTokens);
  }
  for (const [name, value] of route.setHeaders) headers.push(name, value);
  return visit.trace === undefined || route.upstream === undefined
    ? headers
    : visit.trace.forwarded(headers, route.upstream.origin);
}

function pushToken(
  headers: HeaderList,
  { config, guard }: Route,
  { accessToken, token }: PassedRequest,
  inside: Visit['generation']['insideTokens'],
): void {
  if (config.token === 'inside' && inside !== undefined && guard !== undefined) {
    headers.push('authorization', `Bearer ${inside.issue(accessToken, guard.config.audience)}`);
  }
  const { header, prefix = 'Bearer' } = guard?.config ?? {};
  // In Authorization it went on with the caller's other headers.
  if (config.token === 'pass' && header !== undefined) {
    headers.push(header, prefix === '' ? token : `${prefix} ${token}`);
  }
}

export function upstreamTarget({ target }: Visit, { config, upstream }: Route): string {
  if (target === undefined || upstream === undefined) throw new GatewayError('no_route');
  const below = config.strip_path ? target.path.slice(config.path.replace(/\/$/, '').length) : target.path;
  return `${upstream.basePath}${below === '' ? '/' : below}${target.query}`;
}

function without(headers: HeaderList, name: string): HeaderList {
  return headers.filter((_, index) => headers[index - (index % 2)]?.toLowerCase() !== name);
}
