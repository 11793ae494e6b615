/**
 * Reads the settings: `tessera.yaml`, the environment and the command line fill the schema. An unknown key in the file stops the start.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { TSchema } from './schema/type.ts';
import { checkTogether } from './config/consistency.ts';
import { type Config, configSchema, SECRET_KEYS } from './config/schema.ts';
import { plainlyFits } from './schema/plainly-fits.ts';
import { compileSchema } from './schema/validator.ts';

export { isPostgres, masterKeyBytes } from './config/consistency.ts';
export { attemptLimitsOf, listenerLimitsOf, requestRatesOf, type RateName } from './config/limit-settings.ts';
export { effectiveSettings } from './config/effective-settings.ts';
export { smtpSettings } from './config/smtp.ts';
export { productionProblems, productionWarnings } from './config/production.ts';
export { type Config, configSchema, SECRET_KEYS } from './config/schema.ts';

type ConfigKey = keyof Config;

export type ConfigSource = 'default' | 'file' | 'environment' | 'command line';

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: Readonly<Record<string, ConfigSource>>;
  /** One line each. */
  readonly warnings: readonly string[];
}

/** Settings that cannot be used; one line each, with what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface ConfigInputs {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file to read; absent: `tessera.yaml` in the working directory, if there is one. */
  readonly file?: string;
  /** From the command line; they win. */
  readonly overrides?: Partial<Config>;
  readonly workingDirectory?: string;
}

/** @throws ConfigError */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  // Without a prototype, so that a key named `__proto__` is a key like any other: unknown.
  const values = Object.create(null) as Record<string, unknown>;
  const sources: Record<string, ConfigSource> = {};
  const take = (from: Readonly<Record<string, unknown>>, source: ConfigSource): void => {
    for (const [key, value] of Object.entries(from)) {
      if (value === undefined) continue;
      values[key] = value;
      sources[key] = source;
    }
  };
  take(readConfigFile(inputs, problems), 'file');
  take(readEnvironment(inputs.environment, problems, warnings), 'environment');
  describeErrors(values, problems);
  // Read by the options of the command line already, each in its type.
  take(inputs.overrides ?? {}, 'command line');
  for (const [key, schema] of schemaEntries()) {
    if (!(key in values) && 'default' in schema) {
      values[key] = schema.default;
      sources[key] = 'default';
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const config = values as Config;
  checkTogether(config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, sources, warnings };
}

function schemaEntries(): readonly (readonly [string, TSchema & { default?: unknown }])[] {
  return Object.entries(configSchema.properties);
}

function readConfigFile(
  { file, workingDirectory }: ConfigInputs,
  problems: string[],
): Record<string, unknown> {
  const path = resolve(workingDirectory ?? '.', file ?? 'tessera.yaml');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (file !== undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      problems.push(`The configuration file ${path} cannot be read.`);
    }
    return {};
  }
  try {
    const parsed: unknown = yamlParser().parse(text);
    if (parsed === null || parsed === undefined) return {};
    if (typeof parsed === 'object' && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
    problems.push(`${path}: expected settings as "name: value" lines.`);
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message.split('\n', 1)[0] : 'not valid YAML'}`);
  }
  return {};
}

/** Loaded only where there is a file to read: it costs more than everything else here. */
function yamlParser(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml');
}

/** What Kubernetes injects for a service named tessera looks like ours and is not. */
const KUBERNETES = /^TESSERA_(PORT_.*|SERVICE_.*)$/;
/** Read by the command line, not by the server. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'TESSERA_URL',
  'TESSERA_TOKEN',
  'TESSERA_CLIENT_ID',
  'TESSERA_CLIENT_SECRET',
  'TESSERA_CONFIG',
]);
/** Read by the gateway, which may run beside it. */
const GATEWAY_NAMES = 'TESSERA_GATEWAY_';

function readEnvironment(
  environment: ConfigInputs['environment'],
  problems: string[],
  warnings: string[],
): Record<string, unknown> {
  const values = Object.create(null) as Record<string, unknown>;
  let kubernetes = false;
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('TESSERA_') || value === undefined || OTHER_NAMES.has(name)) continue;
    if (name.startsWith(GATEWAY_NAMES)) continue;
    if (KUBERNETES.test(name) || (name === 'TESSERA_PORT' && value.startsWith('tcp://'))) {
      kubernetes = true;
      continue;
    }
    const key = name.slice('TESSERA_'.length).toLowerCase();
    if (isSetting(key)) {
      values[key] = fromText(key, value);
    } else if (key.endsWith('_file') && SECRET_KEYS.has(key.slice(0, -'_file'.length))) {
      readSecretFile(key.slice(0, -'_file'.length), name, value, { environment, values, problems });
    } else {
      warnings.push(`${name} is not a setting of Tessera; it is ignored.`);
    }
  }
  if (kubernetes) {
    warnings.push(
      'Variables that Kubernetes sets for a service named tessera are ignored (enableServiceLinks: false avoids them).',
    );
  }
  return values;
}

/** Its own members only: every object has a `constructor`. */
function isSetting(key: string): key is ConfigKey {
  return Object.hasOwn(configSchema.properties, key);
}

function readSecretFile(
  key: string,
  name: string,
  path: string,
  into: { environment: ConfigInputs['environment']; values: Record<string, unknown>; problems: string[] },
): void {
  if (into.environment[`TESSERA_${key.toUpperCase()}`] !== undefined) {
    into.problems.push(`Set ${name} or TESSERA_${key.toUpperCase()}, not both.`);
    return;
  }
  try {
    into.values[key] = readFileSync(path, 'utf8').trimEnd();
  } catch {
    into.problems.push(`${name}: the file ${path} cannot be read.`);
  }
}

/** Text of the environment in the type of the setting; what does not fit is left for the schema to name. */
function fromText(key: ConfigKey, text: string): unknown {
  const schema: TSchema & { type?: string } = configSchema.properties[key];
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'integer') return /^\d+$/.test(text) ? Number(text) : text;
  if (schema.type === 'array')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return text;
}

function describeErrors(values: Record<string, unknown>, problems: string[]): void {
  for (const key of Object.keys(values)) {
    if (!isSetting(key)) {
      const near = nearest(key);
      problems.push(`${key} is not a setting${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
  }
  for (const [key, schema] of schemaEntries()) {
    if (!(key in values) || plainlyFits(schema, values[key])) continue;
    const [, [error]] = compileSchema(schema).Errors(values[key]);
    if (error !== undefined) problems.push(`${key} ${error.message}.`);
  }
}

function nearest(key: string): string | undefined {
  const plain = key.replaceAll(/[-_]/g, '').toLowerCase();
  return Object.keys(configSchema.properties).find((name) => {
    const other = name.replaceAll('_', '');
    return other === plain || other.startsWith(plain) || plain.startsWith(other);
  });
}
