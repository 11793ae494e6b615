/** A WebSocket: its handshake is looked at like any request, and the connection ends with the token. */
import type { Duplex } from 'node:stream';
import type { TokenError } from '@tessera/verifier';
import type { Passages } from './proxy/passages.ts';
import { openTunnel } from './proxy/upgrade.ts';
import { GatewayError } from './refusal.ts';
import { admit, lookAt, routeOf, upstreamHeaders, upstreamTarget } from './serve-request.ts';
import type { Visit } from './visit.ts';

export interface WebSocketParts {
  readonly passages: Passages;
  readonly exposed: (token: string) => void;
  readonly enter: (route: string) => void;
}

/** Resolves when the connection is over. @throws TokenError, GatewayError while nothing was answered */
export async function serveWebSocket(
  visit: Visit,
  socket: Duplex,
  head: Buffer,
  { passages, exposed, enter }: WebSocketParts,
): Promise<void> {
  lookAt(visit, exposed);
  const route = routeOf(visit);
  enter(route.name);
  const admitted = await admit(visit, route.guard);
  const { upstream, guard } = route;
  if (upstream === undefined) throw new GatewayError('no_route');
  const headers = upstreamHeaders(visit, route, admitted);
  const tunnel = openTunnel(visit.request, socket, head, {
    upstream,
    target: upstreamTarget(visit, route),
    headers,
  });
  visit.forwardedAt = performance.now();
  visit.status = 101;
  if (admitted.passed === undefined || guard === undefined) return tunnel.over;
  const { accessToken, token, presented } = admitted.passed;
  const end = (reason: TokenError): void => {
    visit.outcome = reason.code;
    tunnel.end(reason);
  };
  const passage = { exp: accessToken.exp, token, presented, verifier: guard.verifier, end };
  passages.add(passage);
  try {
    return await tunnel.over;
  } finally {
    passages.remove(passage);
  }
}
