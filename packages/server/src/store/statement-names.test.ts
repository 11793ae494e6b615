import { readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { Statement } from './statement.ts';

const made = vi.hoisted(() => new Map<string, Set<string>>());

vi.mock(import('./statement.ts'), async (original) => {
  const module = await original();
  const noted = (on: Statement): Statement => {
    made.set(on.name, (made.get(on.name) ?? new Set()).add(on.postgres));
    return on;
  };
  return {
    ...module,
    statement: (...how) => noted(module.statement(...how)),
    lockingStatement: (...how) => noted(module.lockingStatement(...how)),
  };
});

// PostgreSQL prepares each under its name: a connection that has met one refuses the other.
it('no two statements have one name, and none is too long for PostgreSQL', async () => {
  const files = readdirSync(new URL('nouns/', import.meta.url), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  await Promise.all(sources.map((file) => import(new URL(`nouns/${file}`, import.meta.url).pathname)));
  expect(made.size).toBeGreaterThan(200);
  expect([...made].filter(([, texts]) => texts.size > 1).map(([name]) => name)).toEqual([]);
  expect([...made.keys()].filter((name) => name.length > 63)).toEqual([]);
});
