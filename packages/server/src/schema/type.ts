/**
 * What schemas are written with: TypeBox's types and its words, as plain JSON Schema.
 *
 * TypeBox itself is several hundred files, which a start would have to read before it answers anything. Schemas need
 * a dozen of its functions; here they are, with TypeBox's own signatures, so that `Static` and the validators of
 * `typebox/schema` take the result for theirs. A test compares each with the original.
 */
import type * as TypeBox from 'typebox';

export type { Static, TSchema } from 'typebox';

type Word =
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Never'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown';
type Schema = Readonly<Record<string, unknown>>;

/** Not a word of JSON Schema: it is read by the object around the member, and never written. */
const OPTIONAL = Symbol('optional');

const simple =
  (type: string) =>
  (options: Schema = {}): Schema => ({ ...options, type });

function object(properties: Readonly<Record<string, Schema>>, options: Schema = {}): Schema {
  const required = Object.keys(properties).filter((name) => !(OPTIONAL in (properties[name] ?? {})));
  return { ...options, type: 'object', ...(required.length > 0 && { required }), properties };
}

function optional(schema: Schema): Schema {
  // Not enumerable: a copy of the schema with `...` is not optional by accident, and JSON never shows it.
  return Object.defineProperty({ ...schema }, OPTIONAL, { value: true });
}

const words = {
  Array: (items: Schema, options: Schema = {}): Schema => ({ ...options, type: 'array', items }),
  Boolean: simple('boolean'),
  Enum: (values: readonly unknown[], options: Schema = {}): Schema => ({ ...options, enum: values }),
  Integer: simple('integer'),
  Literal: (value: unknown, options: Schema = {}): Schema => ({
    ...options,
    type: typeof value,
    const: value,
  }),
  Never: (options: Schema = {}): Schema => ({ ...options, not: {} }),
  Null: simple('null'),
  Number: simple('number'),
  Object: object,
  Optional: optional,
  /** Names are text of any kind here. */
  Record: (_names: Schema, values: Schema, options: Schema = {}): Schema => ({
    ...options,
    type: 'object',
    patternProperties: { '^.*$': values },
  }),
  String: simple('string'),
  Union: (anyOf: readonly Schema[], options: Schema = {}): Schema => ({ ...options, anyOf }),
  Unknown: (options: Schema = {}): Schema => ({ ...options }),
} satisfies Record<Word, unknown>;

/** The words of TypeBox that this server uses. */
export const Type = words as unknown as Pick<typeof TypeBox, Word>;
