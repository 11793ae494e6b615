/** `tessera audit`: what happened. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { listCommand } from '../command-tree.ts';
import { type ListOptions, pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList } from '../output.ts';

interface AuditOptions extends OutputOptions, ListOptions {
  readonly server?: string;
  readonly type?: string;
  readonly actor?: string;
  readonly client?: string;
  readonly user?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'at', value: (event) => moment(event['at']) },
  { title: 'type', value: (event) => event['type'] },
  { title: 'outcome', value: (event) => event['outcome'] },
  { title: 'actor', value: (event) => event['actor'] },
  { title: 'about', value: (event) => event['user_id'] ?? event['client_id'] ?? event['resource_id'] },
  { title: 'request', value: (event) => event['request_id'] },
  { title: 'detail', value: (event) => event['detail'] },
];

export function define(audit: Command): void {
  listCommand(audit, 'list events, newest first')
    .option('--type <type>', 'only of this type, such as sign_in')
    .option('--actor <id>', 'only by this user or client')
    .option('--client <client_id>', 'only about this app')
    .option('--user <user_id>', 'only about this person')
    .action(async (options: AuditOptions) => {
      const { type, actor, client, user } = options;
      const query = {
        ...(type !== undefined && { type }),
        ...(actor !== undefined && { actor }),
        ...(client !== undefined && { client_id: client }),
        ...(user !== undefined && { user_id: user }),
      };
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('audit-events'), query, options.limit), COLUMNS, options);
    });
}
