import { fastify } from 'fastify';
import type { WebPlayerOptions } from './web-player.ts';
import { webPlayer } from './web-player.ts';

export { getProfileSource } from './get-profile-source.ts';
export type { WebPlayerOptions } from './web-player.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Starts the web player. `url` is where it answers, without a slash at the end; its callback is `${url}/callback`. */
export async function startWebPlayer({
  host,
  port,
  ...options
}: ListenOptions & WebPlayerOptions): Promise<{ url: string; close: () => Promise<void> }> {
  // No request log: the code in the query of /callback is a credential.
  const app = fastify({ logger: false, forceCloseConnections: true });
  await app.register(webPlayer, options);
  await app.listen({ host, port });
  return { url: app.listeningOrigin, close: () => app.close() };
}
