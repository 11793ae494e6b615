/** `tessera migrate`: brings the database up to this version and ends. */
import type { Command } from 'commander';
import { tell } from '../output.ts';
import { runServer } from '../running-a-server.ts';

export function define(migrate: Command): void {
  migrate
    .option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)')
    .action((options: { readonly config?: string }) =>
      runServer(async () => {
        const [{ loadConfig }, { migrate: run }] = await Promise.all([
          import('@tessera/server/config'),
          import('@tessera/server/serve'),
        ]);
        const file = options.config ?? process.env['TESSERA_CONFIG'];
        await run(loadConfig({ environment: process.env, ...(file !== undefined && { file }) }));
        tell('The database is up to date.');
      }),
    );
}
