/** Holds a value against the schema: fills in defaults, takes secrets from the environment, names every problem. */
import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';

/** What is read of a schema here. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly { readonly const?: unknown }[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly description?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Settings = Readonly<Record<string, unknown>>;

/** All that a walk needs to know besides where it is. */
interface Walk {
  readonly environment: Environment;
  readonly problems: string[];
}

/** @returns the value with defaults; of use only if no problem was added */
export function fillIn(
  schema: TSchema,
  value: unknown,
  environment: Environment,
  problems: string[],
): unknown {
  return filled(schema, value, [], { environment, problems });
}

function filled(node: Node, value: unknown, path: readonly string[], walk: Walk): unknown {
  if (node.properties !== undefined) return filledObject(node, value, path, walk);
  if (node.patternProperties !== undefined) return filledRecord(node, value, path, walk);
  if (node.items !== undefined) return filledList(node, node.items, value, path, walk);
  if (node.secret === true) return secretOf(value, path, walk);
  const [error] = Value.Errors(node as TSchema, value);
  if (error !== undefined) walk.problems.push(`${placeOf(path)} ${complaint(node, error.message)}.`);
  return value;
}

function filledObject(node: Node, value: unknown, path: readonly string[], walk: Walk): unknown {
  const settings = settingsOf(value, path, walk);
  if (settings === undefined) return value;
  const { properties = {}, required = [] } = node;
  for (const key of Object.keys(settings)) {
    if (Object.hasOwn(properties, key)) continue;
    const near = nearest(key, Object.keys(properties));
    walk.problems.push(
      `${placeOf([...path, key])} is not a setting${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(properties)) {
    const place = [...path, key];
    const given = Object.hasOwn(settings, key) ? settings[key] : child.default;
    if (given !== undefined || child.secret === true) {
      const found = filled(child, given ?? undefined, place, walk);
      if (found !== undefined) result[key] = found;
    } else if (required.includes(key)) {
      walk.problems.push(`${placeOf(place)} is missing: ${child.description ?? 'it is needed.'}`);
    }
  }
  return result;
}

function filledRecord(node: Node, value: unknown, path: readonly string[], walk: Walk): unknown {
  const settings = settingsOf(value, path, walk);
  if (settings === undefined) return value;
  const [[pattern, child] = ['', {}]] = Object.entries(node.patternProperties ?? {});
  const names = new RegExp(pattern);
  const result: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(settings)) {
    const place = [...path, key];
    if (names.test(key) && key !== '__proto__') result[key] = filled(child, given, place, walk);
    else
      walk.problems.push(`${placeOf(place)}: the name does not fit; write one like ${exampleOf(pattern)}.`);
  }
  return result;
}

function filledList(node: Node, items: Node, value: unknown, path: readonly string[], walk: Walk): unknown {
  if (!Array.isArray(value)) {
    walk.problems.push(
      `${placeOf(path)} must be a list; write [one, another] or lines that begin with a dash.`,
    );
    return value;
  }
  const [error] = Value.Errors({ ...node, items: {} } as TSchema, value);
  if (error !== undefined) walk.problems.push(`${placeOf(path)} ${error.message}.`);
  return value.map((one, index) => filled(items, one, [...path, String(index)], walk));
}

function settingsOf(value: unknown, path: readonly string[], walk: Walk): Settings | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  walk.problems.push(`${placeOf(path)} must hold settings as "name: value" lines.`);
  return undefined;
}

/** The variable of a secret is spelled like its place; of the variable that ends in `_FILE` the file holds it. */
export function variableOf(path: readonly string[]): string {
  return `TESSERA_GATEWAY_${path.join('_').replaceAll('-', '_').toUpperCase()}`;
}

function secretOf(value: unknown, path: readonly string[], { environment, problems }: Walk): unknown {
  const variable = variableOf(path);
  const [given, file] = [environment[variable], environment[`${variable}_FILE`]];
  if (given !== undefined && file !== undefined) {
    problems.push(`Set ${variable} or ${variable}_FILE, not both.`);
    return undefined;
  }
  if (given !== undefined) return given;
  if (file === undefined) {
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    problems.push(`${placeOf(path)} is empty. Write it, or set ${variable} or ${variable}_FILE.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    problems.push(`${variable}_FILE: the file ${file} cannot be read.`);
    return undefined;
  }
}

function complaint(node: Node, message: string): string {
  if (node.anyOf === undefined) return message;
  return `must be one of ${node.anyOf.map((one) => String(one.const)).join(', ')}`;
}

function placeOf(path: readonly string[]): string {
  return path.length === 0 ? 'The file' : path.join('.').replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');
}

function exampleOf(pattern: string): string {
  return pattern.startsWith('^[a-z]') ? '`music-api` (lower case, digits, dashes)' : '`X-Name`';
}

function plain(text: string): string {
  return text.replaceAll(/[-_]/g, '').toLowerCase();
}

function nearest(key: string, known: readonly string[]): string | undefined {
  return known.find(
    (one) =>
      plain(one).startsWith(plain(key)) ||
      plain(key).startsWith(plain(one)) ||
      isNear(plain(one), plain(key)),
  );
}

/** One letter too many, too few, or another. */
function isNear(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let index = 0;
  while (index < one.length && one[index] === other[index]) index++;
  const rest = (text: string, skip: number): string => text.slice(index + skip);
  return (
    rest(one, 1) === rest(other, 1) || rest(one, 0) === rest(other, 1) || rest(one, 1) === rest(other, 0)
  );
}
