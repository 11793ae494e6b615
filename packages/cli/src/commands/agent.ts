/** `tessera agent`: apps that act for an owner; with `--all`, those of everybody, for operators. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { collect, given, type ListOptions, ownPathOf, pathOf, pointInTime } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { jsonObjectFrom } from '../standard-input.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

interface AgentOptions extends ServerOptions {
  readonly name?: string;
  readonly purpose?: string;
  readonly permission?: readonly string[];
  readonly actsWith?: readonly string[];
  readonly redirectUri?: readonly string[];
  readonly reviewAt?: number;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'client id', value: (agent) => agent['client_id'] },
  { title: 'name', value: (agent) => agent['client_name'] },
  { title: 'owner', value: (agent) => agent['owner_id'] },
  { title: 'status', value: (agent) => agent['status'] },
  { title: 'purpose', value: (agent) => agent['purpose'] },
  { title: 'review', value: (agent) => moment(agent['review_at']) },
];

export function define(agent: Command): void {
  defineCreate(agent);
  defineReading(agent);
  defineUpdate(agent);
  defineVerbs(agent);
  defineSecret(agent);
}

function withMembers(command: Command): Command {
  return command
    .option('--name <name>', 'what people call it')
    .option('--purpose <text>', 'what it is for')
    .option(
      '--permission <api=scopes>',
      'an API and its scopes, "https://api.example/=read write" (repeatable)',
      collect,
    )
    .option('--acts-with <client_id>', 'an app whose tokens of yours it may exchange (repeatable)', collect);
}

function membersFrom(options: AgentOptions): Json {
  return given({
    client_name: options.name,
    purpose: options.purpose,
    permissions: options.permission?.map(readPermission),
    acts_with: options.actsWith,
    redirect_uris: options.redirectUri,
    review_at: options.reviewAt,
  });
}

/** The last `=` divides: an identifier may hold one, a scope name seldom does. */
function readPermission(text: string): Json {
  const end = text.lastIndexOf('=');
  if (end < 1) throw new CommandError(EXIT.usage, 'A permission is written "<API>=<scopes>".');
  return { resource: text.slice(0, end), scope: text.slice(end + 1) };
}

function defineCreate(agent: Command): void {
  withMembers(apiCommand(agent, 'create [file]', 'make an agent; its secret is shown this once'))
    .option('--redirect-uri <uri>', 'where answers go when it asks you in a browser (repeatable)', collect)
    .option('--review-at <date>', 'from when it gets nothing until you confirm it', pointInTime)
    .addHelpText('after', '\n[file]: the agent as JSON; - reads standard input; options win.')
    .action(async (file: string | undefined, options: AgentOptions) => {
      const members = { ...(file === undefined ? {} : await jsonObjectFrom(file)), ...membersFrom(options) };
      const api = await createApiClient(options);
      const created = await api.post(ownPathOf('agents'), { permissions: [], ...members });
      await printOne(created, options);
      if ('client_secret' in created) tell('Keep the client_secret now: it is not shown again.');
    });
}

function defineReading(agent: Command): void {
  listCommand(agent, 'list your agents')
    .option('--all', 'those of everybody, for operators')
    .action(async (options: ServerOptions & ListOptions & { readonly all?: boolean }) => {
      const api = await createApiClient(options);
      const path = options.all === true ? pathOf('agents') : ownPathOf('agents');
      await printList(await api.list(path, {}, options.limit), COLUMNS, options);
    });
  apiCommand(agent, 'get <client_id>', 'show an agent of yours').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(ownPathOf('agents', id)), options);
    },
  );
}

function defineUpdate(agent: Command): void {
  withMembers(apiCommand(agent, 'update <client_id> [file]', 'replace what is given')).action(
    async (id: string, file: string | undefined, options: AgentOptions) => {
      const changes = { ...(file === undefined ? {} : await jsonObjectFrom(file)), ...membersFrom(options) };
      const api = await createApiClient(options);
      await printOne(await api.patch(ownPathOf('agents', id), changes), options);
    },
  );
}

function defineVerbs(agent: Command): void {
  for (const [verb, description] of [
    ['stop', 'end everything an agent holds, at once; it gets nothing more'],
    ['resume', 'let a stopped agent go on'],
  ] as const) {
    apiCommand(agent, `${verb} <client_id>`, description)
      .option('--as-operator', "somebody else's, for operators")
      .action(async (id: string, options: ServerOptions & { readonly asOperator?: boolean }) => {
        const api = await createApiClient(options);
        const path = options.asOperator === true ? pathOf('agents', id) : ownPathOf('agents', id);
        await printOne(await api.post(`${path}/${verb}`, {}), options);
      });
  }
  apiCommand(agent, 'confirm <client_id>', 'say that an agent is still needed')
    .option('--review-at <date>', 'when to say so again', pointInTime)
    .action(async (id: string, options: AgentOptions) => {
      const api = await createApiClient(options);
      const body = given({ review_at: options.reviewAt });
      await printOne(await api.post(`${ownPathOf('agents', id)}/confirm`, body), options);
    });
  apiCommand(agent, 'delete <client_id>', 'delete an agent; everything it holds ends').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(ownPathOf('agents', id));
      tell(`Deleted ${id}.`);
    },
  );
}

function defineSecret(agent: Command): void {
  apiCommand(agent, 'rotate-secret <client_id>', 'give an agent a new secret; the old one is refused').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.post(`${ownPathOf('agents', id)}/secrets`, {}), options);
      tell('Keep the client_secret now: it is not shown again.');
    },
  );
}
