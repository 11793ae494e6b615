/** STANDARDS.md: each standard, the files that carry it, and the tests that hold it. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REQUIREMENTS, type Requirement } from '../../conformance/requirements.ts';
import { code, table } from './markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What opens a standard's name in a `@spec` line. */
const NAMES: readonly (readonly [standard: string, pattern: RegExp])[] = [
  ['OpenID Connect Core 1.0', /OpenID Connect Core|(?<=, )Core §/],
  ['OpenID Connect Discovery 1.0', /OpenID Connect Discovery/],
  ['OpenID Connect RP-Initiated Logout 1.0', /RP-Initiated Logout/],
  ['OpenID Connect Back-Channel Logout 1.0', /Back-Channel Logout/],
];

export function standardsPage(): string {
  const lines = specLines();
  const standards = [...new Set(REQUIREMENTS.map(({ standard }) => standard))];
  const sections = standards.map((standard) => {
    const rows = REQUIREMENTS.filter((row) => row.standard === standard);
    const files = lines.filter(({ text }) => patternOf(standard).test(text)).map(({ file }) => file);
    return `## ${standard}\n\n${filesOf(files)}\n\n${table(['§', 'Requirement', 'Test'], rows.map(rowOf))}`;
  });
  return `# Standards

What each standard asks of the server, in our own words, and the test that holds it to that. A name such as ${code('TK-01')} is a check of the
[conformance harness](conformance/README.md), which runs against any server; other tests are named by file and title. Written by
${code('npm run docs')} from ${code('conformance/requirements.json')} and the ${code('@spec')} lines of the code.

${sections.join('\n\n')}
`;
}

interface SpecLine {
  readonly file: string;
  readonly text: string;
}

function specLines(): readonly SpecLine[] {
  const files = globSync(['packages/*/src/**/*.ts'], { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .toSorted();
  return files.flatMap((file) => {
    const found = readFileSync(`${root}${file}`, 'utf8').matchAll(/@spec ([^\n]*)/g);
    const text = [...found].map(([, line = '']) => line).join('; ');
    return text === '' ? [] : [{ file, text }];
  });
}

function patternOf(standard: string): RegExp {
  const known = NAMES.find(([name]) => name === standard)?.[1];
  return known ?? new RegExp(`\\b${standard}\\b`);
}

function filesOf(files: readonly string[]): string {
  return files.length === 0
    ? 'Carried by no file of its own.'
    : files.map((file) => `[${file}](${file})`).join(' · ');
}

function rowOf({ section, requirement, test, reason }: Requirement): readonly string[] {
  if (test === undefined) return [section, requirement, `none: ${reason}`];
  const isCheck = test.file === 'conformance/tessera.test.ts';
  return [section, requirement, isCheck ? code(test.title) : `[${test.title}](${test.file})`];
}
