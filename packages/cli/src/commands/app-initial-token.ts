/** `tessera app initial-token`: tickets with which apps register themselves. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { given, type ListOptions, pathOf, pointInTime, wholeNumber } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';

interface TokenOptions extends OutputOptions {
  readonly server?: string;
  readonly name?: string;
  readonly uses?: number;
  readonly expiresAt?: number;
}

const MAX_USES = 10_000;

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (token) => token['id'] },
  { title: 'name', value: (token) => token['name'] },
  { title: 'ends with', value: (token) => token['hint'] },
  { title: 'used', value: (token) => `${String(token['uses'])} of ${String(token['max_uses'])}` },
  { title: 'expires', value: (token) => moment(token['expires_at']) },
];

export function defineInitialTokens(app: Command): void {
  const initialToken = app
    .command('initial-token')
    .description('tokens that let apps register themselves at /api/register');
  apiCommand(initialToken, 'create', 'make one; it is shown this once')
    .requiredOption('--name <name>', 'what it is for')
    .option(
      '--uses <n>',
      'how many apps may be registered with it (1 unless given)',
      wholeNumber(1, MAX_USES),
    )
    .option(
      '--expires-at <time>',
      'when it ends, such as 2027-01-31 (a day from now unless given)',
      pointInTime,
    )
    .action(async (options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = given({ name: options.name, max_uses: options.uses, expires_at: options.expiresAt });
      await printOne(await api.post(pathOf('initial-access-tokens'), body), options);
      tell('Keep the initial_access_token now: it is not shown again.');
    });
  listCommand(initialToken, 'list them, without the tokens themselves').action(
    async (options: TokenOptions & ListOptions) => {
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('initial-access-tokens'), {}, options.limit), COLUMNS, options);
    },
  );
  apiCommand(initialToken, 'delete <id>', 'delete one; the apps registered with it stay').action(
    async (id: string, options: TokenOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('initial-access-tokens', id));
      tell(`Deleted ${id}.`);
    },
  );
}
