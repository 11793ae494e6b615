/** `tessera restore`: an empty database, filled from a backup. */
import type { Command } from 'commander';
import { tell } from '../output.ts';
import { runServer } from '../running-a-server.ts';

interface RestoreOptions {
  readonly config?: string;
  readonly keepTokensOf?: string;
}

export function define(restore: Command): void {
  restore
    .argument('<file>', 'what tessera backup wrote')
    .option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)')
    .option(
      '--keep-tokens-of <database>',
      'the database that the backup is of, its server stopped: tokens stay good if nothing has happened there since',
    )
    .action((path: string, options: RestoreOptions) =>
      runServer(async () => {
        const [{ loadConfig }, { restore: run }] = await Promise.all([
          import('@tessera/server/config'),
          import('@tessera/server/backup'),
        ]);
        const file = options.config ?? process.env['TESSERA_CONFIG'];
        const { config } = loadConfig({ environment: process.env, ...(file !== undefined && { file }) });
        const { head, tokens } = await run(config, path, options.keepTokensOf);
        const takenAt = new Date(head.takenAt).toISOString();
        tell(`Restored everything as it was at ${takenAt}.`);
        if (tokens === 'kept') {
          tell(
            'Nothing has happened since: tokens, sign-ins and keys stay good. Do not start the old server again.',
          );
          return;
        }
        tell(
          'Every token, sign-in, grant, signing key and one-time link has ended, so that nothing is good again',
        );
        tell('that was revoked after that. People sign in anew; apps and scripts need new tokens.');
        tell(`What was changed after ${takenAt} is as it was: passwords, app secrets, passkeys, roles,`);
        tell('disabled accounts. Do again what must not be undone.');
      }),
    );
}
