/** `tessera start`: the demo. */
import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { runServer } from '../running-a-server.ts';

interface StartOptions {
  readonly port?: number;
  readonly musicPort?: number;
  readonly gatewayPort?: number;
  readonly playerPort?: number;
  readonly metricsPort?: number;
  readonly data?: string;
  readonly nodes?: number;
}

export function define(start: Command): void {
  const port = wholeNumber(0, 65_535);
  start
    .option('--port <port>', 'of the server; 0 takes any free one, here and below', port)
    .option('--music-port <port>', 'of the music API', port)
    .option('--gateway-port <port>', 'of the gateway', port)
    .option('--player-port <port>', 'of the web player', port)
    .option('--metrics-port <port>', 'of metrics and health', port)
    .option('--data <directory>', 'where everything is kept (./data)')
    .option(
      '--nodes <number>',
      'how many share the PostgreSQL of TESSERA_DATABASE_URL, to be stopped and watched (1)',
      wholeNumber(1, 9),
    )
    .action((options: StartOptions) =>
      runServer(async () => {
        const server = await import('@tessera/server/start');
        await server.start(options);
      }),
    );
}
