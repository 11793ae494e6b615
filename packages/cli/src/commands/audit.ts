/** `tessera audit`: what happened, and whether the log of it is as it was written. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { createApiClient, itemsOf, type Json, withServer } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { type ListOptions, pathOf, pointInTime } from '../options.ts';
import { type Column, isTable, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';

interface FilterOptions {
  readonly server?: string;
  readonly type?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly user?: string;
  readonly organization?: string;
  readonly since?: number;
  readonly until?: number;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'at', value: (event) => moment(event['at']) },
  { title: 'type', value: (event) => event['type'] },
  { title: 'outcome', value: (event) => event['outcome'] },
  { title: 'reason', value: (event) => event['reason'] },
  { title: 'actor', value: (event) => event['actor'] },
  { title: 'about', value: (event) => event['subject'] },
  { title: 'request', value: (event) => event['request_id'] },
  { title: 'detail', value: (event) => event['detail'] },
];

export function define(audit: Command): void {
  withFilter(listCommand(audit, 'list events, newest first')).action(
    async (options: OutputOptions & ListOptions & FilterOptions) => {
      const api = await createApiClient(options);
      await printList(
        await api.list(pathOf('audit-events'), queryOf(options), options.limit),
        COLUMNS,
        options,
      );
    },
  );
  withFilter(withServer(audit.command('export').description('write all events to a file, newest first')))
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'jsonl']).default('jsonl'))
    .option('--to <file>', 'where; without it, to stdout')
    .action(exportEvents);
  apiCommand(audit, 'verify', 'read the whole log again: was it changed?')
    .option('--anchor <anchor>', 'one that an earlier run printed: tells too whether the end was cut since')
    .action(verify);
}

function withFilter(command: Command): Command {
  return command
    .option('--type <type>', 'only of this type, such as sign_in')
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices(['success', 'failure']))
    .option('--actor <id>', 'only by this user or client')
    .option('--subject <id>', 'only about this user, client or API')
    .option('--client <client_id>', 'only about this app')
    .option('--user <user_id>', 'only about this person')
    .option('--organization <id>', 'only of this organization')
    .option('--since <time>', 'only from this time on, such as 2027-01-31', pointInTime)
    .option('--until <time>', 'only before this time', pointInTime);
}

function queryOf(options: FilterOptions): Readonly<Record<string, string>> {
  const { type, outcome, actor, subject, client, user, organization, since, until } = options;
  const members = { type, outcome, actor, subject, client_id: client, user_id: user, since, until };
  return Object.fromEntries(
    Object.entries({ ...members, organization_id: organization })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

async function exportEvents(
  options: FilterOptions & { readonly format: string; readonly to?: string },
): Promise<void> {
  const api = await createApiClient(options);
  const query = new URLSearchParams({ ...queryOf(options), format: options.format });
  const pieces = Readable.from(await api.download(`${pathOf('audit-events', 'export')}?${query}`));
  if (options.to === undefined) {
    for await (const piece of pieces) process.stdout.write(piece);
    return;
  }
  await pipeline(pieces, createWriteStream(options.to, { mode: 0o600 }));
  tell(`Written to ${options.to}.`);
}

async function verify(
  options: OutputOptions & { readonly server?: string; readonly anchor?: string },
): Promise<void> {
  const api = await createApiClient(options);
  const { anchor } = options;
  const report = await api.post(pathOf('audit-events', 'verify'), {
    ...(anchor !== undefined && { anchor }),
  });
  const { findings, ...figures } = report;
  await printOne(isTable(options) ? figures : report, options);
  if (report['intact'] === true) return;
  if (isTable(options)) {
    for (const finding of itemsOf({ items: findings }))
      tell(`${String(finding['kind'])}: ${String(finding['where'])}`);
  }
  throw new CommandError(EXIT.error, 'The audit log is not as it was written.');
}
