/** How requests are checked against their schemas, and answers cut down to theirs. Nothing is coerced in a body. */
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { TSchema } from '../schema/type.ts';
import { compileSchema, type Validator } from '../schema/validator.ts';
import { unstorableText } from '../protocol/storable-text.ts';
import { Problem, type ProblemPointer } from './problem.ts';

/** The errors of one member are one line; the first few lines are enough. */
const MAX_POINTERS = 20;

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** Compiled at the first request that needs it: a start should not pay for every schema of the API. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let validator: Validator | undefined;
  return (value: unknown) => {
    validator ??= compileSchema(schema);
    const input = httpPart === 'querystring' ? readQuery(schema, value) : value;
    const [, errors] = validator.Check(input) ? [true, []] : validator.Errors(input);
    const pointers = errors.length > 0 ? pointersOf(errors) : unstorableText(input, '');
    if (pointers.length === 0) return { value: input };
    const where = httpPart === 'body' ? 'body' : httpPart === 'querystring' ? 'query' : 'path';
    return { error: refusal(where, pointers) };
  };
};

function refusal(where: 'body' | 'query' | 'path', pointers: readonly ProblemPointer[]): Problem {
  // A path that no identifier has names nothing.
  if (where === 'path') return new Problem('not_found', 'No such identifier');
  const named = pointers.map(
    ({ pointer, detail }) => `${pointer === '' ? `the ${where}` : pointer} ${detail}`,
  );
  const rest = pointers.length > 3 ? `; and ${pointers.length - 3} more` : '';
  return new Problem(
    'invalid_request',
    `${named.slice(0, 3).join('; ')}${rest}`,
    pointers.slice(0, MAX_POINTERS),
  );
}

/** A query holds text only: digits become a number, and true and false a boolean, where the schema wants one. */
function readQuery(schema: TSchema, query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  const properties = shapeOf(schema).properties ?? {};
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      if (type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value))
        return [name, Number(value)];
      if (type === 'boolean' && value === 'true') return [name, true];
      if (type === 'boolean' && value === 'false') return [name, false];
      return [name, value];
    }),
  );
}

function pointersOf(errors: readonly SchemaError[]): ProblemPointer[] {
  const alternatives = errors
    .filter((error) => error.keyword === 'anyOf')
    .map((error) => `${error.schemaPath}/anyOf`);
  const pointers = new Map<string, ProblemPointer>();
  for (const error of errors) {
    if (error.keyword === 'additionalProperties') continue;
    if (alternatives.some((path) => error.schemaPath.startsWith(path))) continue;
    const pointer = error.instancePath;
    if (!pointers.has(pointer)) pointers.set(pointer, { pointer, detail: wording(error) });
  }
  return [...pointers.values()];
}

function wording(error: SchemaError): string {
  if (error.keyword === 'boolean') return 'is not a member this API knows';
  if (error.keyword === 'anyOf') return 'has none of the forms it may have';
  if (
    error.keyword === 'enum' &&
    'allowedValues' in error.params &&
    Array.isArray(error.params.allowedValues)
  ) {
    return `must be one of ${error.params.allowedValues.join(', ')}`;
  }
  return error.message;
}

/** An answer leaves with the members its schema names and no others, whatever the handler returned. */
export const serializerCompiler: FastifySerializerCompiler<unknown> =
  ({ schema }) =>
  (value: unknown) =>
    JSON.stringify(namedOnly(shapeOf(schema), value));

interface SchemaShape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaShape>>;
  readonly items?: SchemaShape;
}

function shapeOf(schema: unknown): SchemaShape {
  return typeof schema === 'object' && schema !== null ? schema : {};
}

function namedOnly(schema: SchemaShape, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => namedOnly(items, item));
  }
  const { properties } = schema;
  if (properties === undefined || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => Object.hasOwn(properties, name))
      .map(([name, member]) => [name, namedOnly(properties[name] ?? {}, member)]),
  );
}
