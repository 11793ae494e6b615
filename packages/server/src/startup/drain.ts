/**
 * How a node leaves: whoever holds a connection to it is led elsewhere, and nothing that was sent meanwhile is lost. To
 * be done while everything is still answered, before closing.
 * @spec RFC 9112 §9.6
 */
import type { ServerResponse } from 'node:http';
import { Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface DrainOptions {
  /** How long new connections are still taken: until balancers have seen that the node is not ready any more. */
  readonly delayMs: number;
  /** How long connections that are open may take for one more request. */
  readonly graceMs: number;
}

const LOOK_EVERY_MS = 20;

/**
 * @param answering where requests come in
 * @param listening where connections come in: the same, and others that hand theirs over
 */
export async function drain(
  answering: readonly Server[],
  listening: readonly Server[],
  { delayMs, graceMs }: DrainOptions,
): Promise<void> {
  await wait(delayMs);
  // Not HTTP's own: that cuts idle connections at once, and a request may be on its way in one of them.
  for (const server of listening) Server.prototype.close.call(server);
  // Not before: whoever is sent away would come back here, and be cut off at the door.
  for (const server of answering) server.prependListener('request', sayThatItIsTheLast);
  const until = performance.now() + graceMs;
  // oxlint-disable no-await-in-loop -- looked at again and again
  while (performance.now() < until && (await connectionsOf(listening)) > 0) await wait(LOOK_EVERY_MS);
  // oxlint-enable no-await-in-loop
}

function sayThatItIsTheLast(_request: unknown, response: ServerResponse): void {
  response.setHeader('connection', 'close');
}

async function connectionsOf(servers: readonly Server[]): Promise<number> {
  const counts = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.getConnections((_error, count) => resolve(count));
        }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
