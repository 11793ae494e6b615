/** `tessera key`: the keys that sign tokens. */
import { type Command, Option } from 'commander';
import { createApiClient, itemsOf, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { runServer } from '../running-a-server.ts';

interface KeyOptions extends OutputOptions {
  readonly server?: string;
  readonly alg?: string;
  readonly immediately?: boolean;
}

interface RewrapOptions {
  readonly old: string;
  readonly new: string;
  readonly config?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'kid', value: (key) => key['kid'] },
  { title: 'alg', value: (key) => key['alg'] },
  { title: 'state', value: (key) => key['state'] },
  { title: 'signs from', value: (key) => moment(key['active_from']) },
  { title: 'retires', value: (key) => moment(key['retires_at']) },
];

export function define(key: Command): void {
  apiCommand(key, 'list', 'list the published keys').action(async (options: KeyOptions) => {
    const api = await createApiClient(options);
    await printList(itemsOf(await api.get(pathOf('keys'))), COLUMNS, options);
  });
  apiCommand(key, 'rotate', 'make a new key; it signs some minutes later')
    .addOption(
      new Option('--alg <alg>', 'the algorithm')
        .choices(['ES256', 'RS256', 'PS256', 'EdDSA'])
        .makeOptionMandatory(),
    )
    .option('--immediately', 'sign with it now: for a key that has leaked')
    .action(async (options: KeyOptions) => {
      const api = await createApiClient(options);
      const body = { alg: options.alg, immediately: options.immediately === true };
      await printOne(await api.post(pathOf('keys', 'rotate'), body), options);
    });
  apiCommand(key, 'retire <kid>', 'take a key out of the published set now').action(
    async (kid: string, options: KeyOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('keys', kid));
      tell(`Retired ${kid}. What it signed is refused from now on.`);
    },
  );
  apiCommand(key, 'revoke <kid>', 'take a key back that has leaked: all that it signed is refused').action(
    async (kid: string, options: KeyOptions) => {
      const api = await createApiClient(options);
      const signing = await api.post(pathOf('keys', kid, 'revoke'), {});
      tell(`Revoked ${kid}. Every token that it signed is refused; ${String(signing['kid'])} signs now.`);
    },
  );
  key
    .command('rewrap')
    .description('seal everything in the database anew, under another master key, while the server runs')
    .requiredOption('--old <file>', 'the file with the master key that was')
    .requiredOption('--new <file>', 'the file with the master key that comes')
    .option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)')
    .action((options: RewrapOptions) => runServer(() => rewrap(options)));
}

async function rewrap({ old, new: next, config: named }: RewrapOptions): Promise<void> {
  const [{ loadConfig }, { rewrapKeys }] = await Promise.all([
    import('@tessera/server/config'),
    import('@tessera/server/backup'),
  ]);
  const file = named ?? process.env['TESSERA_CONFIG'];
  const { config } = loadConfig({ environment: process.env, ...(file !== undefined && { file }) });
  const { sealed, before, unreadable } = await rewrapKeys(config, old, next);
  tell(`Sealed ${sealed} secrets anew; all ${before} are sealed with the new key.`);
  if (unreadable.length === 0) {
    tell('Nothing in the database is readable with the old key. Backups from before still are.');
    return;
  }
  for (const one of unreadable) tell(`Neither key opens: ${one}`);
  throw new CommandError(EXIT.error, `${unreadable.length} secrets were sealed with a third key.`);
}
