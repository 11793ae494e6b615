/** `tessera application`: the apps that have access to one's own account, and the end of it. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { LIST_LIMIT, type ListOptions, ownPathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne } from '../output.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'client id', value: (app) => app['client_id'] },
  { title: 'name', value: (app) => app['client_name'] },
  { title: 'APIs', value: apisOf },
  { title: 'since', value: (app) => moment(app['connected_at']) },
  { title: 'last used', value: (app) => moment(app['last_used_at']) },
  { title: 'ends', value: (app) => moment(app['ends_at']) },
  { title: 'live tokens', value: (app) => app['live_tokens'] },
];

const EVENT_COLUMNS: readonly Column<Json>[] = [
  { title: 'when', value: (event) => moment(event['at']) },
  { title: 'what', value: (event) => event['type'] },
  { title: 'scope', value: (event) => event['scope'] },
  { title: 'from', value: (event) => event['address'] },
];

function apisOf(app: Json): unknown {
  const apis: unknown = app['apis'];
  return Array.isArray(apis) ? apis.map((api: Json) => api['name'] ?? 'account') : [];
}

export function define(application: Command): void {
  listCommand(application, 'list the apps that have access to your account').action(
    async (options: ServerOptions & ListOptions) => {
      const api = await createApiClient(options);
      await printList(await api.list(ownPathOf('applications'), {}, options.limit), COLUMNS, options);
    },
  );
  apiCommand(application, 'get <client_id>', 'show what an app may do, and what it holds').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(ownPathOf('applications', id)), options);
    },
  );
  apiCommand(application, 'events <client_id>', 'what an app asked of you').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      const events = await api.list(`${ownPathOf('applications', id)}/events`, {}, LIST_LIMIT);
      await printList(events, EVENT_COLUMNS, options);
    },
  );
  defineEnds(application);
}

function defineEnds(application: Command): void {
  apiCommand(application, 'disconnect <client_id>', 'end all that an app holds for you').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.delete(ownPathOf('applications', id)), options);
    },
  );
  apiCommand(application, 'block <client_id>', 'disconnect an app, and let it ask no more').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.post(`${ownPathOf('applications', id)}/block`, {}), options);
    },
  );
  apiCommand(application, 'unblock <client_id>', 'let an app ask again').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(ownPathOf('blocked-applications', id));
    },
  );
}
