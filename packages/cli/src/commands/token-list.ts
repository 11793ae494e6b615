/** `tessera token list`: what was issued. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { listCommand } from '../command-tree.ts';
import { type ListOptions, pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList } from '../output.ts';

interface TokenListOptions extends OutputOptions, ListOptions {
  readonly server?: string;
  readonly client?: string;
  readonly user?: string;
  readonly live?: boolean;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'token id', value: (token) => token['token_id'] },
  { title: 'status', value: (token) => token['status'] },
  { title: 'client', value: (token) => token['client_id'] },
  { title: 'user', value: (token) => token['user_id'] },
  { title: 'resource', value: (token) => token['resource'] },
  { title: 'scopes', value: (token) => token['scopes'] },
  { title: 'expires', value: (token) => moment(token['expires_at']) },
];

export function defineList(token: Command): void {
  listCommand(token, 'list issued access tokens, newest first')
    .option('--client <client_id>', 'only of this app')
    .option('--user <user_id>', 'only of this person')
    .option('--live', 'only those that are good now')
    .action(async (options: TokenListOptions) => {
      const { client, user, live } = options;
      const query = {
        ...(client !== undefined && { client_id: client }),
        ...(user !== undefined && { user_id: user }),
        ...(live === true && { live: 'true' }),
      };
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('tokens'), query, options.limit), COLUMNS, options);
    });
}
