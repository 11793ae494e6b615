/** In front of an API: a reverse proxy and a check for other proxies, by routes in YAML. */
export { createGateway } from './gateway.ts';
export type { Gateway, GatewayParts } from './gateway.ts';
export { listen } from './listen.ts';
export type { Listening } from './listen.ts';
export { createLogger } from './observe/log.ts';
export { openTraces } from './observe/traces.ts';
export type { Traces } from './observe/traces.ts';
export type { GatewayConfig } from './config/schema.ts';
