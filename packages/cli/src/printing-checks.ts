/** How checks are printed: a table of all, and what to do about those that failed. */
import type { Check } from '@tessera/tokens/explain';
import { type Column, isTable, type OutputOptions, printList, printOne } from './output.ts';

export interface Explained {
  readonly format?: string;
  readonly good?: boolean;
  readonly checks: readonly Check[];
}

const MARKS = { passed: 'ok', failed: 'FAILED', skipped: 'not checked' } as const;
const COLUMNS: readonly Column<Check>[] = [
  { title: 'check', value: ({ check }) => check },
  { title: 'result', value: ({ result }) => MARKS[result] },
  { title: 'expected', value: ({ expected }) => expected },
  { title: 'got', value: ({ got }) => got },
];

/** @param more sections below the table, each as members and values */
export async function printExplanation(
  explained: Explained,
  options: OutputOptions,
  more: readonly object[] = [],
): Promise<void> {
  if (!isTable(options)) return printOne(explained, options);
  await printList(explained.checks, COLUMNS, options);
  const fixes = explained.checks.filter(({ fix }) => fix !== undefined);
  if (fixes.length > 0) process.stdout.write('\n');
  for (const { check, fix = '' } of fixes) process.stdout.write(`${check} → ${fix}\n`);
  for (const section of more) {
    process.stdout.write('\n');
    // oxlint-disable-next-line no-await-in-loop -- one below the other
    await printOne(section, options);
  }
}

export function firstFailure({ checks }: Explained): Check | undefined {
  return checks.find(({ result }) => result === 'failed');
}
