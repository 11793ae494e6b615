import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonObject } from './json-object.ts';
import { JwtError } from './jwt-error.ts';

function outcome(text: string | Uint8Array): unknown {
  try {
    return parseJsonObject(Buffer.from(text), 'malformed_payload');
  } catch (error) {
    if (error instanceof JwtError) return error.code;
    throw error;
  }
}

/** A JSON object as somebody may write it: its members in a list, so that a name can stand there twice. */
type Members = readonly (readonly [name: string, value: unknown])[];

const { object } = fc.letrec<{ value: unknown; object: { members: Members } }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(1, -0.5, true, null, '', 'a', ':', '{', '"', '\\', '","a":1', 'é', '\u{1f600}'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.record({
    members: fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd:', '{e', 'é', '"', 'toString'), tie('value')),
      { maxLength: 4 },
    ),
  }),
}));

function isObject(value: unknown): value is { members: Members } {
  return typeof value === 'object' && value !== null && 'members' in value;
}

function write(value: unknown, space: string): string {
  if (Array.isArray(value)) return `[${value.map((each) => write(each, space)).join(`,${space}`)}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = value.members.map(
    ([name, each]) => `${JSON.stringify(name)}${space}:${write(each, space)}`,
  );
  return `{${space}${members.join(`${space},`)}}`;
}

function namesTwice(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesTwice);
  if (!isObject(value)) return false;
  const names = value.members.map(([name]) => name);
  return new Set(names).size !== names.length || value.members.some(([, each]) => namesTwice(each));
}

describe('parseJsonObject (RFC 8725 §2.4)', () => {
  it('refuses a name that stands twice in an object at any depth, and nothing else', () => {
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\n\t'), (written, space) => {
        const text = write(written, space);
        expect(outcome(text)).toEqual(namesTwice(written) ? 'duplicate_member' : JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['__proto__', '{"__proto__":1}'],
    ['__proto__ further down', '{"a":[{"__proto__":{}}]}'],
    ['__proto__ in disguise', '{"\\u005f_proto__":1}'],
    ['an array', '[{"a":1}]'],
    ['half a pair', '{"a":"\\ud800"}'],
    ['33 levels', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['33 levels that hold something', `{"a":${'['.repeat(32)}"é"${']'.repeat(32)}}`],
  ])('refuses %s', (_, text) => {
    expect(outcome(text)).toBe('malformed_payload');
  });

  it('takes 32 levels', () => {
    const text = `{"a":${'['.repeat(31)}${']'.repeat(31)}}`;
    expect(outcome(text)).toEqual(JSON.parse(text));
  });

  it('refuses what is not UTF-8', () => {
    expect(outcome(Buffer.from('{"a":"\xe9"}', 'latin1'))).toBe('malformed_payload');
  });
});
