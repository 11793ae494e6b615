/** Checks values against schemas. */
import { createRequire } from 'node:module';
import type { TSchema } from 'typebox';
import type { Validator } from 'typebox/schema';

export type { Validator } from 'typebox/schema';

/** Read when the first value is checked, which a start does not do. */
export function compileSchema(schema: TSchema): Validator {
  const { Compile } = createRequire(import.meta.url)('typebox/schema') as typeof import('typebox/schema');
  return Compile(schema);
}
