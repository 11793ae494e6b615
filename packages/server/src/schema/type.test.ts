import * as TypeBox from 'typebox';
import { describe, expect, it } from 'vitest';
import { Type } from './type.ts';

type Words = typeof Type;

/** Each is written twice, with TypeBox's words and with ours. */
const SCHEMAS: Readonly<Record<string, (words: Words) => unknown>> = {
  string: (words) => words.String({ minLength: 1, pattern: '^a' }),
  'plain string': (words) => words.String(),
  integer: (words) => words.Integer({ minimum: 0, default: 3 }),
  number: (words) => words.Number(),
  boolean: (words) => words.Boolean({ description: 'yes or no' }),
  null: (words) => words.Null({ description: 'nothing' }),
  unknown: (words) => words.Unknown(),
  never: (words) => words.Never(),
  literal: (words) => words.Literal('off'),
  'literal number': (words) => words.Literal(7),
  enum: (words) => words.Enum(['a', 'b'], { description: 'one of two' }),
  union: (words) => words.Union([words.String(), words.Null()], { default: null }),
  array: (words) => words.Array(words.String(), { minItems: 1, uniqueItems: true }),
  record: (words) => words.Record(words.String(), words.Boolean(), { title: 'switches' }),
  'empty object': (words) => words.Object({}),
  object: (words) =>
    words.Object(
      { name: words.String(), age: words.Optional(words.Integer({ minimum: 0 })) },
      { additionalProperties: false, title: 'person' },
    ),
  'object of optional members': (words) => words.Object({ name: words.Optional(words.String()) }),
  nested: (words) =>
    words.Object({
      inner: words.Optional(words.Object({ list: words.Array(words.Optional(words.Null())) })),
    }),
};

describe('the words schemas are written with', () => {
  it.each(Object.entries(SCHEMAS))('%s is the schema that TypeBox makes', (_name, schema) => {
    expect(JSON.parse(JSON.stringify(schema(Type)))).toEqual(
      JSON.parse(JSON.stringify(schema(TypeBox as unknown as Words))),
    );
  });

  it('a member that is optional in one object is not so in a copy', () => {
    const optional = Type.Optional(Type.String());
    expect(Type.Object({ a: optional, b: { ...optional } })).toHaveProperty('required', ['b']);
  });
});
