import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { plainlyFits } from './plainly-fits.ts';
import { Type, type TSchema } from './type.ts';
import { compileSchema } from './validator.ts';

const VALUES: readonly unknown[] = [
  '',
  'x',
  'on',
  'off',
  'info',
  'optional',
  'n1',
  '-',
  'a b',
  'https://id.example.com',
  '1',
  'x'.repeat(60),
  -1,
  0,
  1,
  1.5,
  60,
  4400,
  65_536,
  1e9,
  2 ** 53,
  Number.NaN,
  Infinity,
  true,
  false,
  null,
  undefined,
  {},
  [],
  ['a'],
  ['a', 1],
  [[]],
];
const SETTINGS = Object.entries(configSchema.properties) as readonly (readonly [string, TSchema])[];
const wrong = (schema: TSchema): readonly unknown[] => {
  const validator = compileSchema(schema);
  return VALUES.filter((value) => plainlyFits(schema, value) && !validator.Check(value));
};

describe('what a validator refuses does not fit plainly', () => {
  it.each(SETTINGS)('%s', (_name, schema) => {
    expect(wrong(schema)).toEqual([]);
  });

  it.each<[string, TSchema]>([
    ['an object', Type.Object({ a: Type.String() })],
    ['a list of at least one', Type.Array(Type.String(), { minItems: 1 })],
    ['a text of some length', Type.String({ minLength: 2 })],
    ['a multiple', Type.Integer({ multipleOf: 7 })],
  ])('%s is left to the validator', (_what, schema) => {
    expect(VALUES.filter((value) => plainlyFits(schema, value))).toEqual([]);
  });
});

it('what is usual fits plainly: a start reads no validator for it', () => {
  const usual = SETTINGS.filter(([, schema]) => 'default' in schema);
  expect(usual.length).toBeGreaterThan(30);
  expect(
    usual.filter(([, schema]) => !plainlyFits(schema, (schema as { default?: unknown }).default)),
  ).toEqual([]);
});
