/** `tessera app secret`: add the new one, deploy it, delete the old one. */
import type { Command } from 'commander';
import { createApiClient, itemsOf, type Json } from '../api-client.ts';
import { apiCommand } from '../command-tree.ts';
import { given, pathOf, pointInTime } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';

interface SecretOptions extends OutputOptions {
  readonly server?: string;
  readonly expiresAt?: number;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (secret) => secret['id'] },
  { title: 'ends with', value: (secret) => secret['hint'] },
  { title: 'created', value: (secret) => moment(secret['created_at']) },
  { title: 'last used', value: (secret) => moment(secret['last_used_at']) || 'never' },
  { title: 'from', value: (secret) => secret['last_used_from'] },
  { title: 'expires', value: (secret) => moment(secret['expires_at']) || 'never' },
];

export function defineSecrets(app: Command): void {
  const secret = app.command('secret').description('the secrets of an app');
  apiCommand(secret, 'create <client_id>', 'add a secret; it is shown this once')
    .option('--expires-at <time>', 'when it ends, such as 2027-01-31', pointInTime)
    .action(async (id: string, options: SecretOptions) => {
      const api = await createApiClient(options);
      const body = given({ expires_at: options.expiresAt });
      await printOne(await api.post(pathOf('clients', id, 'secrets'), body), options);
      tell('Keep the client_secret now: it is not shown again.');
    });
  apiCommand(secret, 'list <client_id>', 'list the secrets of an app, without the secrets themselves').action(
    async (id: string, options: SecretOptions) => {
      const api = await createApiClient(options);
      await printList(itemsOf(await api.get(pathOf('clients', id, 'secrets'))), COLUMNS, options);
    },
  );
  apiCommand(secret, 'delete <client_id> <secret_id>', 'delete a secret; it is refused from now on').action(
    async (id: string, secretId: string, options: SecretOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('clients', id, 'secrets', secretId));
      tell(`Deleted ${secretId}.`);
    },
  );
}
