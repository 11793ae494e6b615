// Each requirement of a standard has a test that exists, or a reason.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks/index.ts';
import { REQUIREMENTS, type Requirement } from './requirements.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks = new Set(CHECKS.map(({ id }) => id));

function problemOf({ test, reason }: Requirement): string | undefined {
  if (test === undefined) return (reason ?? '').length > 20 ? undefined : 'has neither a test nor a reason';
  if (reason !== undefined) return 'has a test and a reason';
  if (test.file === 'conformance/tessera.test.ts') {
    return checks.has(test.title) ? undefined : `names the check ${test.title}, which does not exist`;
  }
  if (!existsSync(root + test.file)) return `names ${test.file}, which does not exist`;
  return readFileSync(root + test.file, 'utf8').includes(test.title)
    ? undefined
    : `names a test that ${test.file} does not have: ${test.title}`;
}

describe('requirements.json', () => {
  it('has a test that exists, or a reason, for each requirement', () => {
    const problems = REQUIREMENTS.flatMap((row) => {
      const problem = problemOf(row);
      return problem === undefined ? [] : [`${row.standard} §${row.section} (${row.requirement}) ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  it('finds what is wrong with a row', () => {
    const row = { standard: 'RFC 0', section: '1', requirement: 'Something' };
    expect(problemOf(row)).toBeDefined();
    expect(problemOf({ ...row, test: { file: 'conformance/tessera.test.ts', title: 'none' } })).toBeDefined();
    expect(problemOf({ ...row, test: { file: 'test/none.test.ts', title: 'x' } })).toBeDefined();
    expect(
      problemOf({ ...row, test: { file: 'test/floors.test.ts', title: 'no such title' } }),
    ).toBeDefined();
  });

  it('says each requirement once', () => {
    const said = REQUIREMENTS.map(
      ({ standard, section, requirement }) => `${standard} ${section} ${requirement}`,
    );
    expect(said).toHaveLength(new Set(said).size);
  });
});
