/**
 * Comma-separated values that a spreadsheet takes for text, whatever somebody named their app: a cell that would be
 * read as a formula begins with an apostrophe.
 *
 * @spec RFC 4180 §2
 */

/** What makes spreadsheets calculate, at the beginning of a cell or after white space in it. */
const FORMULA = /^[\s\p{Cf}\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/** One line with its end. Every cell is quoted, so that nothing in it is taken for a separator. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  const text =
    value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
