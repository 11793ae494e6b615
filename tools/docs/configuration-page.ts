/** docs/reference/configuration.md: every setting, from the schema of the settings. */
import { configSchema, SECRET_KEYS } from '../../packages/server/src/config.ts';
import { code, table } from './markdown.ts';

interface Setting {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly { readonly const?: unknown }[];
}

export function configurationPage(): string {
  const settings = Object.entries(configSchema.properties as Readonly<Record<string, Setting>>);
  const rows = settings.map(([key, setting]) => [
    code(key),
    code(`TESSERA_${key.toUpperCase()}`),
    kindOf(setting),
    defaultOf(setting),
    `${setting.description ?? ''}${SECRET_KEYS.has(key) ? ` Secret; also ${code(`TESSERA_${key.toUpperCase()}_FILE`)}.` : ''}`,
  ]);
  return `# Settings

\`tessera.yaml\` in the working directory holds settings by their names. Each is also an environment variable, which wins over the
file; \`TESSERA_CONFIG\` or \`--config\` names another file. A list is written with commas in a variable. Of a secret, the variable that ends in
\`_FILE\` names a file that holds it.

An unknown name in the file stops the start. \`npm run tessera -- config check\` says whether a configuration can be used, and
\`config show\` where each value comes from.

${table(['Name', 'Variable', 'Type', 'Unless set', 'What it is'], rows)}
`;
}

function kindOf({ type, minimum, maximum, anyOf }: Setting): string {
  if (anyOf !== undefined) return anyOf.map((one) => code(String(one.const))).join(', ');
  if (type === 'array') return 'list of texts';
  if (type === 'integer') return minimum === undefined ? 'whole number' : `${minimum} to ${maximum}`;
  return 'text';
}

function defaultOf(setting: Setting): string {
  if (!('default' in setting)) return '';
  return Array.isArray(setting.default) && setting.default.length === 0
    ? 'empty'
    : code(String(setting.default));
}
