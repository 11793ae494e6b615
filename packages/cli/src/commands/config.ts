/** `tessera config`: whether the settings hold, and what they are. */
import type { Command } from 'commander';
import { createApiClient } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { type Column, type OutputOptions, printList, tell, withOutput } from '../output.ts';
import { runServer } from '../running-a-server.ts';

interface ConfigOptions extends OutputOptions {
  readonly config?: string;
}

interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
}

const COLUMNS: readonly Column<Setting>[] = [
  { title: 'setting', value: (setting) => setting.name },
  { title: 'value', value: (setting) => setting.value },
  { title: 'from', value: (setting) => setting.source },
];

export function define(config: Command): void {
  withFile(
    config.command('check').description('find what `tessera serve` would refuse; exit code 1 if anything'),
  ).action((options: ConfigOptions) => runServer(() => check(options)));
  withOutput(
    withFile(config.command('show').description('show every setting and where it comes from')),
  ).action((options: ConfigOptions) => runServer(() => show(options)));
}

function withFile(command: Command): Command {
  return command.option('--config <file>', 'the settings (tessera.yaml, or TESSERA_CONFIG)');
}

async function load(options: ConfigOptions) {
  const server = await import('@tessera/server/config');
  const file = options.config ?? process.env['TESSERA_CONFIG'];
  const loaded = server.loadConfig({ environment: process.env, ...(file !== undefined && { file }) });
  for (const warning of loaded.warnings) tell(`Warning: ${warning}`);
  return { ...server, loaded };
}

async function check(options: ConfigOptions): Promise<void> {
  const { loaded, productionProblems } = await load(options);
  const problems = productionProblems(loaded.config);
  if (problems.length > 0) throw new CommandError(EXIT.error, problems.join('\n'));
  tell('The settings hold.');
  await tellOfAppsWithoutPkce();
}

/** Registered by decision, not by mistake: told, never a failure. Only a running server knows them. */
async function tellOfAppsWithoutPkce(): Promise<void> {
  try {
    const api = await createApiClient({});
    const apps = await api.list('/admin/v1/clients', {}, Number.MAX_SAFE_INTEGER);
    for (const app of apps.filter((each) => each['require_pkce'] === false)) {
      tell(
        `Warning: the app ${String(app['client_id'])} may sign people in without PKCE (require_pkce is false).`,
      );
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    tell('The registered apps were not looked at: no server answers here that you are signed in to.');
  }
}

async function show(options: ConfigOptions): Promise<void> {
  const { loaded, SECRET_KEYS, configSchema } = await load(options);
  const values: Readonly<Record<string, unknown>> = loaded.config;
  const settings = Object.keys(configSchema.properties).map((name) => ({
    name,
    value:
      SECRET_KEYS.has(name) && values[name] !== undefined && loaded.sources[name] !== 'default'
        ? '(hidden)'
        : (values[name] ?? null),
    source: loaded.sources[name] ?? 'not set',
  }));
  await printList(settings, COLUMNS, options);
}
