/** Our gateway in front of one API, three ways: with no check, with JWTs, and with opaque tokens. */
import { createGateway, createLogger, listen } from '@tessera/gateway';
import { checkGatewayConfig } from '@tessera/gateway/config';
import { answerCalls } from '../program.ts';
import { cpuMicroseconds } from './cpu-time.ts';

export interface GatewayRequest {
  readonly upstream: string;
  readonly issuer: string;
  /** Whose tokens are JWTs. */
  readonly audience: string;
  /** Whose tokens are opaque. */
  readonly opaqueAudience: string;
  readonly scope: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

let close: () => Promise<void> = () => Promise.resolve();

answerCalls(
  {
    listen: async ({ upstream, issuer, scope, clientId, clientSecret, ...audiences }: GatewayRequest) => {
      const config = checkGatewayConfig({
        listen: [{ port: 0 }],
        management: { port: 0 },
        issuers: {
          main: {
            url: issuer,
            client_id: clientId,
            client_secret: clientSecret,
            introspection_cache_seconds: 300,
          },
        },
        routes: {
          open: { path: '/open', upstream, open: true },
          jwt: {
            path: '/jwt',
            upstream,
            verify_access_token: { audience: audiences.audience, scopes_all: [scope] },
          },
          opaque: {
            path: '/opaque',
            upstream,
            verify_access_token: { audience: audiences.opaqueAudience, scopes_all: [scope] },
          },
        },
      });
      const gateway = await createGateway({ config, logger: createLogger('info') });
      const listening = await listen(gateway);
      close = () => listening.close(0);
      return Number(new URL(listening.urls[0] ?? '').port);
    },
    cpuMicroseconds,
  },
  () => close(),
);
