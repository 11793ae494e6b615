/** `tessera policy`: access policies, which say who gets tokens under which conditions. */
import { type Command, Option } from 'commander';
import { type ApiClient, createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { given, type ListOptions, MAX_LIST_LIMIT, ownedBy, OWNER_HELP, pathOf } from '../options.ts';
import { type Column, isTable, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { changesOf, newPolicyOf, policiesFrom, policyFrom, withoutHistory } from '../policy-file.ts';
import { defineDryRun } from '../policy-question.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
  readonly organization?: string;
}

interface PolicyOptions extends ServerOptions {
  readonly name?: string;
  readonly mode?: string;
  readonly serverWide?: boolean;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (policy) => policy['id'] },
  { title: 'name', value: (policy) => policy['name'] },
  { title: 'mode', value: (policy) => policy['mode'] },
  { title: 'outcome', value: ({ outcome }) => Object(outcome).kind },
  { title: 'conditions', value: ({ conditions }) => Object.keys(Object(conditions)).join(' ') },
  {
    title: 'for',
    value: (policy) => (policy['server_wide'] === true ? 'every token' : policy['organization_id']),
  },
];

const VERSIONS: readonly Column<Json>[] = [
  { title: 'version', value: (version) => version['version'] },
  { title: 'what', value: (version) => version['what'] },
  { title: 'at', value: (version) => new Date(Number(version['at']) * 1000).toISOString() },
  { title: 'by', value: (version) => version['by'] },
  { title: 'mode', value: ({ policy }) => Object(policy).mode },
];

const FILE_HELP = `
<file>: the policy as YAML or JSON, with name, conditions and outcome; - reads standard input.`;

export function define(command: Command): void {
  defineCreate(command);
  defineReading(command);
  defineChanges(command);
  defineDryRun(command);
  defineFiles(command);
}

function withMode(command: Command): Command {
  return command.addOption(
    new Option('--mode <mode>', 'what becomes of it').choices(['enforce', 'report_only', 'off']),
  );
}

function defineCreate(command: Command): void {
  withMode(apiCommand(command, 'create <file>', 'make an access policy'))
    .option('--name <name>', 'what it is called; unless given, as the file says')
    .option('--organization <organization>', OWNER_HELP)
    .option('--server-wide', 'for every token of the server')
    .addHelpText('after', FILE_HELP)
    .action(async (file: string, options: PolicyOptions) => {
      const api = await createApiClient(options);
      const said = given({
        name: options.name,
        mode: options.mode,
        organization_id: options.organization,
        server_wide: options.serverWide,
      });
      const policy = { ...newPolicyOf(await policyFrom(file)), ...said };
      await printOne(await api.post(pathOf('policies'), policy), options);
    });
}

function defineReading(command: Command): void {
  listCommand(command, 'list access policies')
    .option('--organization <organization>', 'only those of one organization')
    .action(async (options: ServerOptions & ListOptions) => {
      const api = await createApiClient(options);
      await printList(await api.list(pathOf('policies'), ownedBy(options), options.limit), COLUMNS, options);
    });
  apiCommand(command, 'get <policy>', 'show an access policy').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(pathOf('policies', id)), options);
    },
  );
  apiCommand(command, 'history <policy>', 'every version of an access policy, newest first').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printList(
        await api.list(pathOf('policies', id, 'history'), {}, MAX_LIST_LIMIT),
        VERSIONS,
        options,
      );
    },
  );
}

function defineChanges(command: Command): void {
  withMode(apiCommand(command, 'update <policy> [file]', 'replace what the file or the options give'))
    .option('--name <name>', 'what it is called')
    .addHelpText('after', FILE_HELP)
    .action(async (id: string, file: string | undefined, options: PolicyOptions) => {
      const api = await createApiClient(options);
      const changes = file === undefined ? {} : changesOf(await policyFrom(file));
      const said = given({ name: options.name, mode: options.mode });
      await printOne(await api.patch(pathOf('policies', id), { ...changes, ...said }), options);
    });
  apiCommand(command, 'delete <policy>', 'delete an access policy; its history stays').action(
    async (id: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('policies', id));
      tell(`Deleted ${id}.`);
    },
  );
}

function defineFiles(command: Command): void {
  apiCommand(command, 'export', 'print all access policies as YAML')
    .option('--organization <organization>', 'only those of one organization')
    .action(async (options: ServerOptions) => {
      const api = await createApiClient(options);
      const all = await api.list(pathOf('policies'), ownedBy(options), MAX_LIST_LIMIT);
      // Oldest first, as they were made.
      const policies = all.toReversed().map(withoutHistory);
      await printOne({ policies }, isTable(options) ? { ...options, output: 'yaml' } : options);
    });
  apiCommand(command, 'import <file>', 'make the access policies of a file, or change those that are there')
    .option('--organization <organization>', 'that owns the new ones; unless given, as the file says')
    .addHelpText(
      'after',
      '\n<file>: as export prints it; - reads standard input. A policy is the same one if its id is, or its name in its organization.',
    )
    .action(async (file: string, options: ServerOptions) => {
      const wanted = await policiesFrom(file);
      const api = await createApiClient(options);
      const known = await api.list(pathOf('policies'), {}, MAX_LIST_LIMIT);
      const done: Json[] = [];
      for (const policy of wanted) {
        // oxlint-disable-next-line no-await-in-loop -- in their order, so that the first that is refused stops the rest
        done.push(await bring({ ...policy, ...organizationOf(options) }, known, api));
      }
      await printList(done, COLUMNS, options);
    });
}

function organizationOf({ organization }: ServerOptions): Json {
  return given({ organization_id: organization });
}

async function bring(policy: Json, known: readonly Json[], api: ApiClient): Promise<Json> {
  const same =
    known.find(({ id }) => id === policy['id']) ??
    known.find(
      ({ name, organization_id: owner }) =>
        name === policy['name'] &&
        (policy['organization_id'] === undefined || owner === policy['organization_id']),
    );
  return same === undefined
    ? api.post(pathOf('policies'), newPolicyOf(policy))
    : api.patch(pathOf('policies', String(same['id'])), changesOf(policy));
}
