/** packages/console/src/api/described.ts: the admin and account APIs as types, so that the console cannot misspell them. */
import { readFromServer } from './described-server.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const HEAD = `// Written by \`npm run docs\` from the descriptions of the APIs. Not to be edited.

`;

export async function consoleTypes(): Promise<string> {
  const described = await readFromServer(['/admin/v1/openapi.json', '/account/v1/openapi.json']);
  const names = new Names();
  const operations = (described as readonly Description[]).flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) =>
        operationType(`${method.toUpperCase()} ${path}`, operation, names),
      ),
    ),
  );
  return `${HEAD}${names.declarations()}/** Method and path → what it takes and gives. */
export interface Operations {
${operations.join('\n')}
}
`;
}

function operationType(name: string, operation: Operation, names: Names): string {
  const { parameters = [], requestBody, responses = {} } = operation;
  const group = (where: string): string => {
    const members = parameters.filter((parameter) => parameter.in === where);
    if (members.length === 0) return 'undefined';
    const lines = members.map(
      ({ name: member, required, schema = {} }) =>
        `${memberName(member)}${required === true ? '' : '?'}: ${typeOf(schema, names)}`,
    );
    return `{ ${lines.join('; ')} }`;
  };
  const body = jsonSchema(requestBody);
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, response]) => jsonSchema(response));
  const answer = answers.map((schema) => (schema === undefined ? 'undefined' : typeOf(schema, names)));
  return `  '${name}': {
    path: ${group('path')};
    query: ${group('query')};
    body: ${body === undefined ? 'undefined' : typeOf(body, names)};
    answer: ${[...new Set(answer)].join(' | ') || 'undefined'};
  };`;
}

function jsonSchema(content: Content | undefined): Schema | undefined {
  return content?.content?.['application/json']?.schema;
}

/** Schemas with a title become interfaces, declared once. */
class Names {
  readonly #texts = new Map<string, string>();

  /** The name, or undefined where another schema has it already. */
  take(title: string, text: string): string | undefined {
    if (!/^[A-Z]\w*$/.test(title)) return undefined;
    const known = this.#texts.get(title);
    if (known === undefined) this.#texts.set(title, text);
    return known === undefined || known === text ? title : undefined;
  }

  declarations(): string {
    return [...this.#texts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => `export type ${name} = ${text};\n\n`)
      .join('');
  }
}

function typeOf(schema: Schema, names: Names): string {
  const text = plainType(schema, names);
  if (schema.title === undefined || !text.startsWith('{')) return text;
  return names.take(schema.title, text) ?? text;
}

function plainType(schema: Schema, names: Names): string {
  const { type, enum: values, anyOf, oneOf, allOf } = schema;
  if ('const' in schema) return literal(schema.const);
  if (values !== undefined) return values.map(literal).join(' | ');
  const union = anyOf ?? oneOf;
  if (union !== undefined)
    return joined(
      union.map((each) => typeOf(each, names)),
      ' | ',
    );
  if (allOf !== undefined)
    return joined(
      allOf.map((each) => typeOf(each, names)),
      ' & ',
    );
  if (Array.isArray(type)) {
    return joined(
      (type as readonly string[]).map((each) => plainType({ ...schema, type: each }, names)),
      ' | ',
    );
  }
  switch (type) {
    case 'object':
      return objectType(schema, names);
    case 'array':
      return `readonly (${typeOf(schema.items ?? {}, names)})[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    default:
      return 'unknown';
  }
}

function joined(types: readonly string[], separator: string): string {
  const each = [...new Set(types)];
  return each.length === 1 ? (each[0] ?? 'unknown') : each.map((text) => `(${text})`).join(separator);
}

function objectType(schema: Schema, names: Names): string {
  const { properties, required = [], additionalProperties, patternProperties } = schema;
  const others = patternProperties === undefined ? additionalProperties : Object.values(patternProperties)[0];
  if (properties === undefined || Object.keys(properties).length === 0) {
    const value = typeof others === 'object' ? typeOf(others, names) : 'unknown';
    return `Readonly<Record<string, ${value}>>`;
  }
  const members = Object.entries(properties).map(
    ([name, member]) =>
      `readonly ${memberName(name)}${required.includes(name) ? '' : '?'}: ${typeOf(member, names)}`,
  );
  return `{ ${members.join('; ')} }`;
}

function memberName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`\'`)}'` : JSON.stringify(value);
}
