/** Some proxies write the port of the caller into X-Forwarded-For: with it, each connection would be somebody else. */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';

const WITH_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** To be called before anybody asks for the address of a request. */
export function leaveOutPorts(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const plain = isIP(request.ip) === 0 ? withoutPort(request.ip) : undefined;
    if (plain !== undefined) Object.defineProperty(request, 'ip', { value: plain });
    done();
  });
}

function withoutPort(address: string): string | undefined {
  const [, bracketed, bare] = WITH_PORT.exec(address) ?? [];
  const plain = bracketed ?? bare ?? '';
  return isIP(plain) === 0 ? undefined : plain;
}
