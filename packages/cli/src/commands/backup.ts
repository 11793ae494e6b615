/** `tessera backup`: everything that the database holds, in one file. */
import type { Command } from 'commander';
import { tell } from '../output.ts';
import { runServer } from '../running-a-server.ts';

export function define(backup: Command): void {
  backup
    .argument('<file>', 'the file to write; it must not exist')
    .option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)')
    .action((path: string, options: { readonly config?: string }) =>
      runServer(async () => {
        const [{ loadConfig }, { backup: run }] = await Promise.all([
          import('@tessera/server/config'),
          import('@tessera/server/backup'),
        ]);
        const file = options.config ?? process.env['TESSERA_CONFIG'];
        const { config } = loadConfig({ environment: process.env, ...(file !== undefined && { file }) });
        const counts = Object.values(await run(config, path));
        const rows = counts.reduce((sum, count) => sum + count, 0);
        tell(`Wrote ${path}: ${rows} rows of ${counts.length} tables.`);
        tell('The master key is not in it. Keep the two apart: together they can sign tokens.');
      }),
    );
}
