/** The demo's gateway: the music API once more, behind a check of its own. */
import { createGateway, createLogger, type GatewayConfig, listen } from '@tessera/gateway';
import type { DemoState } from './demo-state.ts';

export interface DemoGatewayOptions {
  readonly issuer: string;
  readonly musicApi: string;
  readonly port: number;
  readonly managementPort: number;
}

/** @throws Error of the system where a port cannot be had */
export async function startDemoGateway(
  state: DemoState,
  options: DemoGatewayOptions,
): Promise<{ close(): Promise<void> }> {
  const config = demoGatewayConfig(state, options);
  const gateway = await createGateway({ config, logger: createLogger(config.log_level) });
  const listening = await listen(gateway);
  return { close: () => listening.close(1000) };
}

/** Written out, because reading a file and filling in defaults would take a good part of the demo's second. */
function demoGatewayConfig(
  { resources, music_server: server }: DemoState,
  { issuer, musicApi, port, managementPort }: DemoGatewayOptions,
): GatewayConfig {
  const host = '127.0.0.1';
  const { client_id, client_secret } = server;
  return {
    listen: [{ host, port, max_connections: 10_000 }],
    management: { host, port: managementPort },
    home_url: issuer,
    trusted_proxies: [],
    issuers: {
      tessera: { url: issuer, client_id, client_secret, introspection_cache_seconds: 0, timeout_seconds: 5 },
    },
    identity_headers: { 'X-Auth-Subject': 'sub', 'X-Auth-Client': 'client_id', 'X-Auth-Scope': 'scope' },
    strip_headers: [],
    routes: {
      music: musicRoute('/v1', musicApi, resources.music),
      'music-short': musicRoute('/short/v1', musicApi, resources.music_short),
    },
    on_stale_revocation: 'allow',
    dpop_nonce: 'optional',
    stop_grace_seconds: 1,
    log_level: 'error',
    traces: 'off',
  };
}

/** The music API checks its tokens itself, so it gets them, and the host that proofs of possession name. */
function musicRoute(path: string, upstream: string, audience: string): GatewayConfig['routes'][string] {
  return {
    path,
    upstream,
    strip_path: false,
    preserve_host: true,
    verify_access_token: { audience, binding: 'none', basic_personal_tokens: true },
    token: 'pass',
    set_headers: {},
    quotas: [],
    max_body_bytes: 0,
    response_timeout_seconds: 30,
    idle_timeout_seconds: 300,
  };
}
