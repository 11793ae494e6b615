import { describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH, nestsDeeper } from './json-depth.ts';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('JSON that nests too deeply', () => {
  it.each([
    ['arrays', nested(MAX_JSON_DEPTH + 1)],
    ['objects', `${'{"a":'.repeat(MAX_JSON_DEPTH + 1)}1${'}'.repeat(MAX_JSON_DEPTH + 1)}`],
    ['never closed', '['.repeat(100_000)],
    ['after a text that ends in a backslash', `["\\\\",${nested(MAX_JSON_DEPTH)}]`],
  ])('is told: %s', (_what, json) => {
    expect(nestsDeeper(json)).toBe(true);
  });

  it.each([
    ['as deep as may be', nested(MAX_JSON_DEPTH)],
    ['brackets in a text', JSON.stringify({ name: `"${'['.repeat(100)}\\` })],
    ['many beside each other', `[${Array.from({ length: 100 }, () => '[]').join(',')}]`],
    ['nothing', ''],
  ])('is not told of %s', (_what, json) => {
    expect(nestsDeeper(json)).toBe(false);
  });
});
