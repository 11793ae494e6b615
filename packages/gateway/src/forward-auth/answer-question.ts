/**
 * `/verify`: may this request pass? Asked by another proxy, answered as the reverse proxy would decide: the same routes,
 * the same check, the same headers.
 * @spec RFC 6750 §3; nginx ngx_http_auth_request_module
 */
import type { ServerResponse } from 'node:http';
import { answerTo, GatewayError } from '../refusal.ts';
import { readRequestTarget } from '../request-target.ts';
import type { Route } from '../route.ts';
import { presentedBy, refuseTokenInUrl } from '../serve-request.ts';
import { challengeOptions, type Visit } from '../visit.ts';
import type { AskedBy, Dialect } from './asked-by.ts';
import { readQuestion, statusFor } from './questions.ts';

export async function answerQuestion(
  visit: Visit,
  response: ServerResponse,
  askedBy: AskedBy,
  exposed: (token: string) => void,
): Promise<void> {
  const dialect = askedBy.dialectOf(visit.caller?.peer ?? '');
  if (dialect === undefined) throw new GatewayError('unknown_proxy');
  try {
    const headers = await decide(visit, dialect, askedBy, exposed);
    response.writeHead(200, { ...headers, 'content-length': '0' }).end();
  } catch (error) {
    const refusal = answerTo(error, challengeOptions(visit));
    visit.outcome = refusal.code;
    visit.status = refusal.status;
    if (refusal.status >= 500) visit.failure = error;
    const told = { 'x-auth-status': `${refusal.status}`, 'x-auth-error': refusal.code };
    response.writeHead(statusFor(dialect, refusal.status), { ...refusal.headers, ...told }).end(refusal.body);
  }
}

/** @returns headers for the upstream, each of those that are configured, so that none of the caller's is left over */
async function decide(
  visit: Visit,
  dialect: Dialect,
  askedBy: AskedBy,
  exposed: (token: string) => void,
): Promise<Record<string, string>> {
  const { request, generation } = visit;
  const { method, target, host, scheme } = readQuestion(dialect, request, askedBy.path);
  const caller = { ...generation.readCaller(request), host, scheme, origin: `${scheme}://${host}` };
  visit.caller = caller;
  refuseTokenInUrl(target, exposed);
  const normal = readRequestTarget(target);
  if (normal === undefined) throw new GatewayError('ambiguous_path');
  visit.target = normal;
  const route = generation.findRoute(host, normal.path, method);
  visit.route = route;
  if (route.guard === undefined) return emptyIdentity(visit, route);
  const { accessToken } = await route.guard.check({ ...presentedBy(request, caller), method, url: target });
  const identity = Object.fromEntries(route.guard.writeIdentity(accessToken));
  const { insideTokens } = generation;
  if (route.config.token !== 'inside' || insideTokens === undefined) return identity;
  return {
    ...identity,
    authorization: `Bearer ${insideTokens.issue(accessToken, route.guard.config.audience)}`,
  };
}

function emptyIdentity({ generation }: Visit, { config }: Route): Record<string, string> {
  const names = Object.keys(config.identity_headers ?? generation.config.identity_headers);
  return Object.fromEntries(names.map((name) => [name, '']));
}
