/** `tessera api`: the APIs that tokens are for. */
import { type Command, Option } from 'commander';
import { type ApiClient, createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { LIFETIME_HELP, lifetime, type LifetimeOption } from '../lifetime-option.ts';
import {
  collect,
  given,
  type ListOptions,
  MAX_LIST_LIMIT,
  ownedBy,
  OWNER_HELP,
  type OwnerOption,
  pathOf,
} from '../options.ts';
import { type Column, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { jsonObjectFrom } from '../standard-input.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

interface ResourceOptions extends ServerOptions {
  readonly identifier?: string;
  readonly name?: string;
  readonly scope?: readonly ScopeOption[];
  readonly defaultScope?: readonly string[];
  readonly format?: string;
  readonly lifetime?: LifetimeOption;
  readonly alg?: string;
  readonly default?: boolean;
  readonly allowUrlClients?: boolean;
  readonly resourceServer?: readonly string[];
  readonly tokenExchangeClient?: readonly string[];
  readonly organization?: string;
}

interface ScopeOption {
  readonly name: string;
  readonly description: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (api) => api['id'] },
  { title: 'identifier', value: (api) => api['identifier'] },
  { title: 'name', value: (api) => api['name'] },
  { title: 'format', value: (api) => api['token_format'] },
  { title: 'lifetime', value: (api) => api['access_token_lifetime'] },
  { title: 'alg', value: (api) => api['signing_alg'] },
  { title: 'default', value: (api) => (api['default'] === true ? 'yes' : '') },
];

export function define(command: Command): void {
  defineCreate(command);
  defineReading(command);
  defineUpdate(command);
  defineDelete(command);
}

function collectScope(value: string, before: readonly ScopeOption[] | undefined): readonly ScopeOption[] {
  const at = value.indexOf('=');
  const scope =
    at === -1
      ? { name: value, description: '' }
      : { name: value.slice(0, at), description: value.slice(at + 1) };
  return [...(before ?? []), scope];
}

function withMembers(command: Command): Command {
  return command
    .option('--name <name>', 'what people read when asked')
    .option('--scope <name=sentence>', 'a scope, with the sentence people read (repeatable)', collectScope)
    .option('--default-scope <name>', 'granted when a request sends no scope (repeatable)', collect)
    .addOption(new Option('--format <format>', 'of its tokens').choices(['opaque', 'jwt', 'cwt', 'cat']))
    .option('--lifetime <seconds>', LIFETIME_HELP, lifetime)
    .addOption(
      new Option('--alg <alg>', 'that its tokens are made with').choices([
        'ES256',
        'RS256',
        'PS256',
        'EdDSA',
        'HS256',
      ]),
    )
    .option('--default', 'take the tokens of requests that name no API')
    .option('--no-default', 'do not take them')
    .option('--allow-url-clients', 'let in apps that only a metadata document describes')
    .option('--no-allow-url-clients', 'do not let them in')
    .option('--resource-server <client_id>', 'an app that may introspect its tokens (repeatable)', collect)
    .option(
      '--token-exchange-client <client_id>',
      'an app that may exchange tokens for its own (repeatable)',
      collect,
    );
}

function membersFrom(options: ResourceOptions): Json {
  return given({
    identifier: options.identifier,
    name: options.name,
    scopes: options.scope,
    default_scopes: options.defaultScope,
    token_format: options.format,
    access_token_lifetime: options.lifetime,
    signing_alg: options.alg,
    default: options.default,
    allow_url_clients: options.allowUrlClients,
    resource_servers: options.resourceServer,
    token_exchange_clients: options.tokenExchangeClient,
    organization_id: options.organization,
  });
}

function defineCreate(command: Command): void {
  withMembers(apiCommand(command, 'create [file]', 'register an API'))
    .option('--identifier <uri>', 'an absolute URI: what requests name it by, and the audience of its tokens')
    .option('--organization <organization_id>', OWNER_HELP)
    .addHelpText('after', '\n[file]: the API as JSON; - reads standard input; options win.')
    .action(async (file: string | undefined, options: ResourceOptions) => {
      const members = { ...(file === undefined ? {} : await jsonObjectFrom(file)), ...membersFrom(options) };
      const api = await createApiClient(options);
      await printOne(await api.post(pathOf('resources'), members), options);
    });
}

function defineReading(command: Command): void {
  listCommand(command, 'list APIs')
    .option('--organization <organization_id>', 'only those that it owns')
    .action(async (options: ServerOptions & ListOptions & OwnerOption) => {
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('resources'), ownedBy(options), options.limit), COLUMNS, options);
    });
  apiCommand(command, 'get <api>', 'show an API, by id or identifier').action(
    async (idOrIdentifier: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(pathOf('resources', await idOf(api, idOrIdentifier))), options);
    },
  );
}

function defineUpdate(command: Command): void {
  withMembers(
    apiCommand(command, 'update <api> [file]', 'replace what is given, by id or identifier'),
  ).action(async (idOrIdentifier: string, file: string | undefined, options: ResourceOptions) => {
    const changes = { ...(file === undefined ? {} : await jsonObjectFrom(file)), ...membersFrom(options) };
    const api = await createApiClient(options);
    await printOne(await api.patch(pathOf('resources', await idOf(api, idOrIdentifier)), changes), options);
  });
}

function defineDelete(command: Command): void {
  apiCommand(command, 'delete <api>', 'delete an API; the tokens for it go with it').action(
    async (idOrIdentifier: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('resources', await idOf(api, idOrIdentifier)));
      tell(`Deleted ${idOrIdentifier}.`);
    },
  );
}

/** An identifier is a URI and so has a colon, which no id has. */
async function idOf(api: ApiClient, idOrIdentifier: string): Promise<string> {
  if (!idOrIdentifier.includes(':')) return idOrIdentifier;
  const all = await api.list(pathOf('resources'), {}, MAX_LIST_LIMIT);
  const id = all.find((resource) => resource['identifier'] === idOrIdentifier)?.['id'];
  if (typeof id !== 'string')
    throw new CommandError(EXIT.error, `No API has the identifier ${idOrIdentifier}.`);
  return id;
}
