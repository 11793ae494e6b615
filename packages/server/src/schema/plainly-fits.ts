import type { TSchema } from './type.ts';

/** Of the words of a schema: those that are looked at below, and those that demand nothing. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'type',
  'minimum',
  'maximum',
  'pattern',
  'const',
  'anyOf',
  'items',
  'default',
  'description',
]);

interface Words {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly TSchema[];
  readonly items?: TSchema;
}

/**
 * Whether the value fits for certain. What this does not understand it leaves to a validator, which takes a tenth of a
 * start to read: most settings are a number between two others, or one of three words.
 */
export function plainlyFits(schema: TSchema, value: unknown): boolean {
  if (!Object.keys(schema).every((word) => UNDERSTOOD.has(word))) return false;
  const { type, items, anyOf, ...words }: Words = schema;
  if (anyOf !== undefined) return anyOf.some((one) => plainlyFits(one, value));
  if ('const' in words && words.const !== value) return false;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'integer') return isIntegerWithin(value, words);
  if (type === 'string') return isStringLike(value, words);
  return type === 'array' && items !== undefined && Array.isArray(value)
    ? value.every((item) => plainlyFits(items, item))
    : false;
}

function isIntegerWithin(value: unknown, { minimum = -Infinity, maximum = Infinity }: Words): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum;
}

function isStringLike(value: unknown, { pattern }: Words): boolean {
  return typeof value === 'string' && (pattern === undefined || new RegExp(pattern, 'u').test(value));
}
