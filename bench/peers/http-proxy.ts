/** The peer of the gateway: `http-proxy` behind `express-oauth2-jwt-bearer`, as the documentation of both shows them. */
import type { AddressInfo } from 'node:net';
import { Agent, createServer } from 'node:http';
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import httpProxy from 'http-proxy';
import { answerCalls } from '../program.ts';
import { cpuMicroseconds } from '../servers/cpu-time.ts';
import type { GatewayRequest } from '../servers/gateway.ts';

let close: () => void = () => undefined;

answerCalls(
  {
    listen: async ({ upstream, issuer, audience, scope }: GatewayRequest) => {
      const proxy = httpProxy.createProxyServer({
        target: upstream,
        agent: new Agent({ keepAlive: true, maxSockets: 256 }),
      });
      const app = express();
      app.disable('x-powered-by');
      app.use(
        auth({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json`, tokenSigningAlg: 'ES256' }),
        requiredScopes(scope),
        (request, response) => proxy.web(request, response),
      );
      const server = createServer({ keepAliveTimeout: 60_000 }, app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      close = () => void server.close();
      return (server.address() as AddressInfo).port;
    },
    cpuMicroseconds,
  },
  async () => close(),
);
