/** The settings as operators see them: what is in effect, and where it comes from. Secrets only say whether they are set. */
import type { NodeSetting } from '../domain/node-setting.ts';
import { type Config, configSchema, SECRET_KEYS } from './schema.ts';

/** A certificate may be given as text. */
const LONGEST_VALUE = 200;
/** What a URL may hold beside a host. */
const CREDENTIALS = /\/\/[^/@]*@/;

/** @param sources where each setting came from; one that is not named was not set */
export function effectiveSettings(
  config: Config,
  sources: Readonly<Record<string, NodeSetting['source']>>,
): readonly NodeSetting[] {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.keys(configSchema.properties).map((name) => {
    const value = values[name];
    const source = sources[name] ?? 'not set';
    if (value === undefined || SECRET_KEYS.has(name)) return { name, source };
    return { name, source, value: shown(value) };
  });
}

function shown(value: unknown): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  const whole = text.replace(CREDENTIALS, '//(hidden)@');
  return whole.length > LONGEST_VALUE ? `${whole.slice(0, LONGEST_VALUE)}…` : whole;
}
