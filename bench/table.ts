/** The table a person reads. */
import type { Result } from './row.ts';

const HEADINGS = ['row', 'ours', 'peer', 'ratio (lowest–highest)', 'of bare Fastify', 'target', ''] as const;

export function formatTable(results: readonly (readonly [name: string, result: Result])[]): string {
  const lines = [HEADINGS, ...results.map(([name, result]) => cells(name, result))];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const [heading = '', ...rest] = lines.map(format);
  return [heading, '-'.repeat(heading.length), ...rest].map((line) => `${line.trimEnd()}\n`).join('');
}

function cells(
  name: string,
  { ours, peer = '', ratio = '', share = '', target = '', met }: Result,
): readonly string[] {
  return [name, ours, peer, ratio, share, target, met === undefined ? '' : met ? 'met' : 'missed'];
}
