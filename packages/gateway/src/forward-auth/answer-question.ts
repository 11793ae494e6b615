/**
 * `/verify`: may this request pass? Asked by another proxy, answered as the reverse proxy would decide: the same routes,
 * the same check, the same headers.
 * @spec RFC 6750 §3; nginx ngx_http_auth_request_module
 */
import type { ServerResponse } from 'node:http';
import type { ClientFacts } from '@tessera/verifier';
import { headersHandedOver } from '../cat/hand-over.ts';
import type { HeaderList } from '../headers/request-headers.ts';
import { answerTo, GatewayError } from '../refusal.ts';
import { readRequestTarget } from '../request-target.ts';
import type { Route } from '../route.ts';
import { enterRoute, presentedBy, refuseTokenInUrl } from '../serve-request.ts';
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
  const route = enterRoute(visit, host, normal, method);
  if (route.guard === undefined) return emptyIdentity(visit, route);
  const presented = { ...presentedBy(request, caller, clientOf(visit)), method, url: target };
  const { accessToken } = await route.guard.check(presented);
  const handed = headersHandedOver(accessToken) ?? [];
  const identity = {
    ...pairs(handed),
    ...Object.fromEntries(route.guard.writeIdentity(accessToken)),
  };
  const { insideTokens } = generation;
  if (route.config.token !== 'inside' || insideTokens === undefined) return identity;
  return {
    ...identity,
    authorization: `Bearer ${insideTokens.issue(accessToken, route.guard.config.audience)}`,
  };
}

/** The connection is the proxy's own, so it tells nothing; what it says of its callers counts where it is trusted. */
function clientOf({ generation, caller, request }: Visit): ClientFacts {
  const { ip } = caller === undefined ? {} : generation.readClient(caller, request.socket);
  return ip === undefined || ip === caller?.peer ? {} : { ip };
}

function pairs(list: HeaderList): Record<string, string> {
  const names = list.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [name, list[index * 2 + 1] ?? '']));
}

function emptyIdentity({ generation }: Visit, { config }: Route): Record<string, string> {
  const names = Object.keys(config.identity_headers ?? generation.config.identity_headers);
  return Object.fromEntries(names.map((name) => [name, '']));
}
