// Requests of the admin and account API, made from what the APIs say of themselves: every route, bodies by its schema.
import { type Dice, pick, type Sample } from '../../../test/mutations.ts';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Operation {
  readonly method: string;
  /** With `{id}` for what it is about. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, schema: Schema])[];
  readonly body: Schema | undefined;
}

/** @param document what `/openapi.json` answers */
export function operationsOf(document: Readonly<Record<string, unknown>>): readonly Operation[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a description of ours
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\/$/, ''),
      query: parameters
        .filter((parameter) => parameter.in === 'query')
        .map(({ name, schema = {} }) => [name, schema] as const),
      body: requestBody?.content['application/json']?.schema,
    })),
  );
}

/** Ids of things that were made here and may be broken, by the path of their list. */
export type Pool = Map<string, string[]>;

const MOST_IDS = 50;

/** The id of what was just made. */
export function learn(pool: Pool, { path }: Operation, answer: string): void {
  const made: unknown = parsed(answer);
  if (typeof made !== 'object' || made === null) return;
  const { id, client_id: clientId }: { id?: unknown; client_id?: unknown } = made;
  const known = clientId ?? id;
  if (typeof known !== 'string') return;
  const noun = nounOf(path);
  pool.set(noun, [...(pool.get(noun) ?? []), known].slice(-MOST_IDS));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What a path's last part names, without parameters: `clients`. */
function nounOf(path: string): string {
  return path.split('/').findLast((part) => part !== '' && !part.startsWith('{')) ?? '';
}

export function sampleOf(
  operation: Operation,
  pool: Pool,
  headers: Readonly<Record<string, string>>,
  dice: Dice,
): Sample {
  const { method, path, query, body } = operation;
  const parts = path.split('/');
  const filled = parts.map((part, index) =>
    part.startsWith('{') ? idOf(parts[index - 1] ?? '', pool, dice) : part,
  );
  const asked = query
    .filter(() => dice(3) === 0)
    .map(([name, schema]) => [name, asText(value(schema, name, dice))]);
  return {
    name: `${method} ${path}`,
    method,
    path: filled.join('/'),
    ...(query.length === 0 ? {} : { query: Object.fromEntries(asked) as Record<string, string> }),
    ...(body === undefined ? {} : { json: value(body, '', dice) as Record<string, unknown> }),
    headers,
  };
}

const asText = (any: unknown): string => (typeof any === 'string' ? any : (JSON.stringify(any) ?? ''));

function idOf(noun: string, pool: Pool, dice: Dice): string {
  const known = pool.get(noun) ?? [];
  if (known.length > 0 && dice(5) > 0) return encodeURIComponent(pick(known, dice));
  return pick(['nobody', 'usr_nobody', 'x', '%00', 'a'.repeat(300), '__proto__', '..%2f'], dice);
}

/** Something that the schema takes, or nearly: patterns are met by what usually meets them. */
function value(schema: Schema, name: string, dice: Dice): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum, dice);
  if (schema.anyOf !== undefined) return value(pick(schema.anyOf, dice), name, dice);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object':
      return object(schema, dice);
    case 'array':
      return Array.from({ length: dice(3) }, () => value(schema.items ?? {}, name, dice));
    case 'integer':
    case 'number':
      return number(schema, name, dice);
    case 'boolean':
      return dice(2) === 0;
    case 'null':
      return null;
    default:
      return text(name, dice);
  }
}

function object({ properties = {}, required = [] }: Schema, dice: Dice): Readonly<Record<string, unknown>> {
  const members = Object.entries(properties).filter(
    // Another default API would change what every other request means.
    ([name]) => name !== 'default' && (required.includes(name) || dice(4) === 0),
  );
  return Object.fromEntries(members.map(([name, schema]) => [name, value(schema, name, dice)]));
}

function number({ minimum = 0, maximum = 1_000_000 }: Schema, name: string, dice: Dice): number {
  if (name.endsWith('_at')) return 4_000_000_000;
  return pick([minimum, maximum, minimum + dice(Math.min(maximum - minimum, 1000) + 1)], dice);
}

function text(name: string, dice: Dice): string {
  const any = dice(1_000_000).toString(36);
  if (name.includes('email')) return `f${any}@example.test`;
  if (/uri|url|issuer|endpoint/.test(name)) return `https://f${any}.example.com/cb`;
  if (name === 'identifier') return `https://f${any}.example/`;
  if (name.includes('password')) return `a long password ${any}`;
  if (name === 'scope') return 'openid';
  return pick([`f${any}`, `f${any}`, `Name ${any}`, 'read', 'catalog-read', 'default'], dice);
}
