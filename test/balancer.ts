// A balancer for tests: each request goes to the next node, whatever became of the one before.
import { type Agent, createServer, request as requestHttp } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly base: string;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** Whether a node gets requests now. Unless given, one does until it has left one without an answer. */
  readonly takes?: (node: string) => boolean;
  /** Keeps the connections to a node; a new one for each request unless given. */
  readonly agents?: ReadonlyMap<string, Agent>;
}

/**
 * A node that does not answer, or ends in the middle, is told as 502: nobody knows what became of the request. It is
 * not sent to another node.
 */
export async function startBalancer(
  nodes: readonly string[],
  { takes, agents }: BalancerOptions = {},
): Promise<Balancer> {
  let turn = 0;
  const gone = new Set<string>();
  const isTaking = takes ?? ((node: string): boolean => !gone.has(node));
  const server = createServer((incoming, answer) => {
    const alive = nodes.filter(isTaking);
    const node = alive[turn++ % alive.length];
    if (node === undefined) {
      answer.writeHead(502).end();
      return;
    }
    const lost = (): void => {
      gone.add(node);
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    };
    const { method, url, headers } = incoming;
    const agent = agents?.get(node) ?? false;
    const onward = requestHttp(
      { host: '127.0.0.1', port: new URL(node).port, method, path: url, headers, agent },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.on('error', lost).pipe(answer);
      },
    );
    onward.on('error', lost);
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    base: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
