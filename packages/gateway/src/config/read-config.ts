/** Reads `gateway.yaml`. An unknown key stops the start; every problem says where it is and what to write. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ConfigError } from './config-error.ts';
import { problemsTogether } from './consistency.ts';
import { type Environment, fillIn } from './fill-in.ts';
import { type GatewayConfig, gatewaySchema } from './schema.ts';

/** @param path of the YAML file @throws ConfigError */
export function readGatewayConfig(path: string, environment: Environment): GatewayConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError([`The configuration file ${path} cannot be read.`]);
  }
  return parseGatewayConfig(text, environment, path);
}

/** @param name how the text is called in problems @throws ConfigError */
export function parseGatewayConfig(
  text: string,
  environment: Environment,
  name = 'gateway.yaml',
): GatewayConfig {
  return checkGatewayConfig(parseYaml(text, name), environment);
}

/** @param settings as the YAML says them @throws ConfigError */
export function checkGatewayConfig(settings: unknown, environment: Environment = {}): GatewayConfig {
  const problems: string[] = [];
  const config = fillIn(gatewaySchema, settings, environment, problems) as GatewayConfig;
  if (problems.length === 0) problems.push(...problemsTogether(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function parseYaml(text: string, name: string): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  try {
    return parse(text, { uniqueKeys: true }) ?? {};
  } catch (error) {
    throw new ConfigError([
      `${name}: ${error instanceof Error ? error.message.split('\n', 1)[0] : 'not valid YAML'}`,
    ]);
  }
}
