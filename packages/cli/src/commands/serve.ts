/** `tessera serve`: production. Refuses an unsafe configuration and says the exact fix. */
import type { Command } from 'commander';
import { runServer } from '../running-a-server.ts';

export function define(serve: Command): void {
  serve
    .option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)')
    .action((options: { readonly config?: string }) =>
      runServer(async () => {
        const [{ loadConfig }, server] = await Promise.all([
          import('@tessera/server/config'),
          import('@tessera/server/serve'),
        ]);
        const file = options.config ?? process.env['TESSERA_CONFIG'];
        await server.serve(loadConfig({ environment: process.env, ...(file !== undefined && { file }) }));
      }),
    );
}
