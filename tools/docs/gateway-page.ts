/** docs/reference/gateway.md: every setting of `gateway.yaml`, from its schema. */
import { variableOf } from '../../packages/gateway/src/config/fill-in.ts';
import { gatewaySchema } from '../../packages/gateway/src/config/schema.ts';
import { code, table } from './markdown.ts';

interface Setting {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly { readonly const?: unknown }[];
  readonly const?: unknown;
  readonly items?: Setting;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Setting>>;
  readonly patternProperties?: Readonly<Record<string, Setting>>;
}

interface Section {
  readonly path: readonly string[];
  readonly setting: Setting;
}

export function gatewayPage(): string {
  const sections = sectionsOf({ path: [], setting: gatewaySchema });
  return `# Settings of the gateway

\`gateway.yaml\` in the working directory, or the file that \`--config\` or \`TESSERA_GATEWAY_CONFIG\` names. \`NAME\` stands for
a name of your choice: lower case, digits, dashes. An unknown key stops the start; \`tessera gateway check\` says what is wrong.
A secret may stay out of the file: set the variable instead, or the one that ends in \`_FILE\` to a file that holds it.
[How to run it](../operate/gateway.md).

${sections.map(sectionText).join('\n\n')}
`;
}

/** A table for each object; those inside come after it. */
function sectionsOf({ path, setting }: Section): readonly Section[] {
  const { properties = {} } = setting;
  const inside = Object.entries(properties).flatMap(([name, child]) => objectsIn([...path, name], child));
  return [{ path, setting }, ...inside.flatMap(sectionsOf)];
}

function objectsIn(
  path: readonly string[],
  { properties, patternProperties, items, ...rest }: Setting,
): readonly Section[] {
  if (properties !== undefined) return [{ path, setting: { ...rest, properties } }];
  const [value] = Object.values(patternProperties ?? {});
  if (value?.properties !== undefined) return [{ path: [...path, 'NAME'], setting: value }];
  return items?.properties === undefined ? [] : [{ path: [...path, '0'], setting: items }];
}

function sectionText({ path, setting }: Section): string {
  const rows = Object.entries(setting.properties ?? {}).map(([name, child]) => [
    code(name),
    kindOf(child),
    setting.required?.includes(name) === true && child.default === undefined ? 'needed' : defaultOf(child),
    `${child.description ?? ''}${secretText([...path, name], child)}`,
  ]);
  const title = path.length === 0 ? 'The file' : path.filter((name) => name !== '0').join('.');
  return `## ${title}\n\n${table(['Name', 'Type', 'Unless set', 'What it is'], rows)}`;
}

function secretText(path: readonly string[], setting: Setting): string {
  const [value] = Object.values(setting.patternProperties ?? {});
  if (setting.secret === true) return ` Also ${code(variableOf(path))}.`;
  return value?.secret === true ? ` Also ${code(`${variableOf(path)}_…`)} for an entry that is empty.` : '';
}

function kindOf({
  type,
  minimum,
  maximum,
  anyOf,
  items,
  patternProperties,
  properties,
  const: only,
}: Setting): string {
  if (anyOf !== undefined) return anyOf.map((one) => code(String(one.const))).join(', ');
  if (only !== undefined) return code(JSON.stringify(only));
  if (items !== undefined) return items.properties === undefined ? 'list of texts' : 'list, see below';
  if (properties !== undefined) return 'see below';
  if (patternProperties !== undefined) {
    const [value] = Object.values(patternProperties);
    return value?.properties === undefined ? 'by name' : 'by name, see below';
  }
  if (type === 'integer') return minimum === undefined ? 'whole number' : `${minimum} to ${maximum}`;
  return type === 'boolean' ? '`true`, `false`' : 'text';
}

function defaultOf(setting: Setting): string {
  const { default: standard } = setting;
  if (standard === undefined) return '';
  if (typeof standard !== 'object' || standard === null)
    return code(JSON.stringify(standard).replaceAll('"', ''));
  const isEmpty = Object.keys(standard).length === 0;
  return isEmpty
    ? setting.properties === undefined
      ? 'empty'
      : ''
    : code(JSON.stringify(standard).replaceAll('"', ''));
}
