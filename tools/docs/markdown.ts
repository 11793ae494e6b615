/** Writes Markdown. */

export function code(text: string): string {
  return `\`${text}\``;
}

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map((row) => line(row))].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
