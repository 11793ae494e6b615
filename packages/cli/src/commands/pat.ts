/** `tessera pat`: personal access tokens: your own, and those that an organization decides about. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { collect, given, type ListOptions, pathOf, pointInTime, wholeNumber } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne } from '../output.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

interface TokenOptions extends ServerOptions {
  readonly name?: string;
  readonly description?: string;
  readonly scope?: readonly string[];
  readonly resource?: string;
  readonly organization?: string;
  readonly expires?: number;
  readonly neverExpires?: true;
  readonly overlap?: number;
  readonly reason?: string;
  readonly onlyToken?: true;
}

const LONGEST_OVERLAP_SECONDS = 7 * 24 * 3600;

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (token) => token['id'] },
  { title: 'name', value: (token) => token['name'] },
  { title: 'hint', value: (token) => token['hint'] },
  { title: 'status', value: (token) => token['status'] },
  { title: 'user', value: (token) => token['user_id'] },
  { title: 'resource', value: (token) => token['resource'] },
  { title: 'scopes', value: (token) => token['scopes'] },
  { title: 'expires', value: (token) => moment(token['expires_at']) },
  { title: 'last used', value: (token) => moment(lastUse(token)) },
];

export function define(command: Command): void {
  defineCreate(command);
  defineReading(command);
  defineChanges(command);
  defineRevocation(command);
  defineDecisions(command);
}

function ownPath(...parts: readonly string[]): string {
  return ['/account/v1/personal-access-tokens', ...parts.map((part) => encodeURIComponent(part))].join('/');
}

function lastUse({ last_used: use }: Json): unknown {
  return typeof use === 'object' && use !== null && 'at' in use ? use.at : undefined;
}

function withReach(command: Command): Command {
  return command
    .option('--scope <name>', 'what it may do (repeatable)', collect)
    .option('--expires <moment>', 'when it ends, such as 2027-01-31', pointInTime)
    .option('--never-expires', 'it does not end, where the rules allow that');
}

function defineCreate(command: Command): void {
  withReach(apiCommand(command, 'create', 'make a token for your scripts; it is shown this once'))
    .requiredOption('--name <name>', 'for you to know it by')
    .option('--description <text>', 'what it is for')
    .option('--resource <identifier>', 'the API that it is for; unless given, the default API')
    .option('--organization <organization_id>', 'in which it is made; unless given, your own')
    .option('--only-token', 'print nothing but the token')
    .action(async (options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = given({
        name: options.name,
        description: options.description,
        resource: options.resource,
        organization_id: options.organization,
        scopes: options.scope ?? [],
        expires_at: options.expires,
        never_expires: options.neverExpires,
      });
      await printNew(await api.post(ownPath(), body), options);
    });
  apiCommand(command, 'regenerate <token_id>', 'put another token in its place; the old one ends')
    .option('--expires <moment>', 'when the new one ends; unless given, it lives as long', pointInTime)
    .option(
      '--overlap <seconds>',
      'how long the old one stays good; unless given, it ends now',
      wholeNumber(0, LONGEST_OVERLAP_SECONDS),
    )
    .option('--only-token', 'print nothing but the token')
    .action(async (id: string, options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = given({ expires_at: options.expires, overlap: options.overlap });
      await printNew(await api.post(ownPath(id, 'regenerate'), body), options);
    });
}

async function printNew(made: Json, options: TokenOptions): Promise<void> {
  if (options.onlyToken === true) process.stdout.write(`${String(made['personal_access_token'])}\n`);
  else await printOne(made, options);
}

interface PatListOptions extends ServerOptions, ListOptions {
  readonly status?: string;
  readonly resource?: string;
  readonly organization?: string;
  readonly user?: string;
  readonly all?: true;
}

function defineReading(command: Command): void {
  listCommand(command, 'list your tokens, newest first')
    .option('--status <status>', 'only active, pending, expired or revoked ones')
    .option('--resource <identifier>', 'only those for this API')
    .option('--all', 'those of others, too, as far as you may see them')
    .option('--organization <organization_id>', 'of this organization, and waiting for its approval')
    .option('--user <user_id>', 'of this person')
    .action(async (options: PatListOptions) => {
      const { status, resource, organization, user, all } = options;
      const isAll = all === true || organization !== undefined || user !== undefined;
      const query = {
        ...(status !== undefined && { status }),
        ...(resource !== undefined && { resource }),
        ...(organization !== undefined && { organization_id: organization }),
        ...(user !== undefined && { user_id: user }),
      };
      const api = await createApiClient(options);
      const path = isAll ? pathOf('personal-access-tokens') : ownPath();
      await printList(await api.list(path, query, options.limit), COLUMNS, options);
    });
  apiCommand(command, 'get <token_id>', 'show one of your tokens')
    .option('--all', 'also of others')
    .action(async (id: string, options: ServerOptions & { readonly all?: true }) => {
      const api = await createApiClient(options);
      await printOne(await api.get(placeOf(id, options)), options);
    });
}

function placeOf(id: string, { all }: { readonly all?: true }, ...verb: readonly string[]): string {
  return all === true ? pathOf('personal-access-tokens', id, ...verb) : ownPath(id, ...verb);
}

function defineChanges(command: Command): void {
  withReach(apiCommand(command, 'update <token_id>', 'change one of your tokens'))
    .option('--name <name>', 'for you to know it by')
    .option('--description <text>', 'what it is for')
    .action(async (id: string, options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = given({
        name: options.name,
        description: options.description,
        scopes: options.scope,
        expires_at: options.expires,
        never_expires: options.neverExpires,
      });
      await printOne(await api.patch(ownPath(id), body), options);
    });
}

function defineRevocation(command: Command): void {
  apiCommand(command, 'revoke <token_id>', 'end one of your tokens now')
    .option('--all', 'also of others')
    .action(async (id: string, options: ServerOptions & { readonly all?: true }) => {
      const api = await createApiClient(options);
      await printOne(await api.post(placeOf(id, options, 'revoke'), {}), options);
    });
}

function defineDecisions(command: Command): void {
  apiCommand(command, 'approve <token_id>', 'let a token be used that waits for your organization')
    .option('--reason <text>', 'for its owner')
    .action(async (id: string, options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = given({ reason: options.reason });
      await printOne(await api.post(pathOf('personal-access-tokens', id, 'approve'), body), options);
    });
  apiCommand(command, 'deny <token_id>', 'revoke a token that waits, and tell its owner why')
    .requiredOption('--reason <text>', 'for its owner')
    .action(async (id: string, options: TokenOptions) => {
      const api = await createApiClient(options);
      const body = { reason: options.reason };
      await printOne(await api.post(pathOf('personal-access-tokens', id, 'deny'), body), options);
    });
}
