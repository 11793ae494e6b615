/** `tessera app`: the apps that ask for tokens. */
import { type Command, Option } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { LIFETIME_HELP, lifetime, type LifetimeOption } from '../lifetime-option.ts';
import {
  collect,
  given,
  type ListOptions,
  ownedBy,
  OWNER_HELP,
  type OwnerOption,
  pathOf,
} from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { jsonObjectFrom } from '../standard-input.ts';
import { defineClientTokens } from './app-client-token.ts';
import { defineInitialTokens } from './app-initial-token.ts';
import { defineSecrets } from './app-secret.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

interface MetadataOptions extends ServerOptions {
  readonly id?: string;
  readonly name?: string;
  readonly redirectUri?: readonly string[];
  readonly grantType?: readonly string[];
  readonly authMethod?: string;
  readonly public?: boolean;
  readonly type?: string;
  readonly scope?: string;
  readonly pkce?: boolean;
  readonly lifetime?: LifetimeOption;
  readonly homepage?: string;
  readonly logo?: string;
  readonly policy?: string;
  readonly terms?: string;
  readonly contact?: readonly string[];
  readonly status?: string;
  readonly organization?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'client id', value: (app) => app['client_id'] },
  { title: 'name', value: (app) => app['client_name'] },
  { title: 'type', value: (app) => app['application_type'] },
  { title: 'authentication', value: (app) => app['token_endpoint_auth_method'] },
  { title: 'grant types', value: (app) => app['grant_types'] },
  { title: 'registered by', value: (app) => app['registered_by'] },
  { title: 'status', value: (app) => app['status'] },
  { title: 'created', value: (app) => moment(app['client_id_issued_at']) },
];

export function define(app: Command): void {
  defineCreate(app);
  defineReading(app);
  defineUpdate(app);
  defineDelete(app);
  defineSecrets(app);
  defineClientTokens(app);
  defineInitialTokens(app);
}

function withMetadata(command: Command): Command {
  return command
    .option('--name <name>', 'what people read when asked')
    .option('--redirect-uri <uri>', 'where answers may go (repeatable)', collect)
    .option(
      '--grant-type <type>',
      'authorization_code, client_credentials, refresh_token (repeatable)',
      collect,
    )
    .option(
      '--auth-method <method>',
      'client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none',
    )
    .option('--public', 'the same as --auth-method none: an app that cannot keep a secret')
    .addOption(new Option('--type <type>', 'application type').choices(['web', 'native']))
    .option('--scope <scopes>', 'the scopes it may ask for, separated by spaces')
    .option('--no-pkce', 'let a confidential app go without PKCE')
    .option('--lifetime <seconds>', `${LIFETIME_HELP}; never longer than the API says`, lifetime)
    .option('--homepage <url>', 'client_uri')
    .option('--logo <url>', 'logo_uri')
    .option('--policy <url>', 'policy_uri')
    .option('--terms <url>', 'tos_uri')
    .option('--contact <address>', 'whom to ask (repeatable)', collect);
}

/** Options under the names of client metadata (RFC 7591 §2). */
function metadataFrom(options: MetadataOptions): Json {
  return given({
    client_id: options.id,
    client_name: options.name,
    redirect_uris: options.redirectUri,
    grant_types: options.grantType,
    token_endpoint_auth_method: options.public === true ? 'none' : options.authMethod,
    application_type: options.type,
    scope: options.scope,
    // Commander sets `pkce` to true where the option is absent; then the server decides.
    require_pkce: options.pkce === false ? false : undefined,
    access_token_lifetime: options.lifetime,
    client_uri: options.homepage,
    logo_uri: options.logo,
    policy_uri: options.policy,
    tos_uri: options.terms,
    contacts: options.contact,
    status: options.status,
    organization_id: options.organization,
  });
}

function defineCreate(app: Command): void {
  withMetadata(apiCommand(app, 'create [file]', 'register an app; its secret is shown this once'))
    .option('--id <client_id>', 'the client id; chosen for you unless given')
    .option('--organization <organization_id>', OWNER_HELP)
    .addHelpText(
      'after',
      '\n[file]: client metadata as JSON (RFC 7591); - reads standard input; options win.',
    )
    .action(async (file: string | undefined, options: MetadataOptions) => {
      const metadata = {
        ...(file === undefined ? {} : await jsonObjectFrom(file)),
        ...metadataFrom(options),
      };
      const api = await createApiClient(options);
      const created = await api.post(pathOf('clients'), metadata);
      await printOne(created, options);
      if ('client_secret' in created) tell('Keep the client_secret now: it is not shown again.');
    });
}

function defineReading(app: Command): void {
  listCommand(app, 'list apps')
    .option('--organization <organization_id>', 'only those that it owns')
    .action(async (options: ServerOptions & ListOptions & OwnerOption) => {
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('clients'), ownedBy(options), options.limit), COLUMNS, options);
    });
  apiCommand(app, 'get <client_id>', 'show an app').action(async (id: string, options: ServerOptions) => {
    const api = await createApiClient(options);
    await printOne(await api.get(pathOf('clients', id)), options);
  });
}

function defineUpdate(app: Command): void {
  withMetadata(apiCommand(app, 'update <client_id> [file]', 'replace what is given'))
    .addOption(
      new Option('--status <status>', 'a disabled app gets no tokens').choices(['active', 'disabled']),
    )
    .action(async (id: string, file: string | undefined, options: MetadataOptions) => {
      const changes = { ...(file === undefined ? {} : await jsonObjectFrom(file)), ...metadataFrom(options) };
      const api = await createApiClient(options);
      await printOne(await api.patch(pathOf('clients', id), changes), options);
    });
}

function defineDelete(app: Command): void {
  apiCommand(app, 'delete <client_id>', 'delete an app; its tokens end with it').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('clients', id));
      tell(`Deleted ${id}.`);
    },
  );
}
