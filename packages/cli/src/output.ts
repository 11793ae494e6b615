/** What a command prints: data to stdout in the form that was asked for, messages to stderr. */
import { type Command, Option } from 'commander';

type OutputFormat = 'table' | 'json' | 'yaml';

export interface OutputOptions {
  readonly output?: OutputFormat;
  readonly json?: boolean;
}

/** Adds `--output` and `--json` to a command. */
export function withOutput(command: Command): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'),
    )
    .addOption(new Option('--json', 'the same as --output json'));
}

function formatOf(options: OutputOptions): OutputFormat {
  return options.json === true ? 'json' : (options.output ?? 'table');
}

/** Whether a person is to read it. */
export function isTable(options: OutputOptions): boolean {
  return formatOf(options) === 'table';
}

export interface Column<Item> {
  readonly title: string;
  readonly value: (item: Item) => unknown;
}

/** Prints a list: a table with these columns, or every member as JSON or YAML. */
export async function printList<Item>(
  items: readonly Item[],
  columns: readonly Column<Item>[],
  options: OutputOptions,
): Promise<void> {
  if (formatOf(options) !== 'table') return printData(items, options);
  if (items.length === 0) return tell('There are none.');
  const rows = items.map((item) => columns.map((column) => cell(column.value(item))));
  const header = columns.map((column) => column.title.toUpperCase());
  const widths = header.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => width(row[index]))),
  );
  for (const row of [header, ...rows]) {
    const line = row.map((text, index) => text + ' '.repeat((widths[index] ?? 0) - width(text))).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** Prints one thing: a member a line, or as JSON or YAML. */
export async function printOne(item: object, options: OutputOptions): Promise<void> {
  if (formatOf(options) !== 'table') return printData(item, options);
  const members = Object.entries(item).filter(([, value]) => value !== undefined);
  const longest = Math.max(...members.map(([name]) => name.length));
  for (const [name, value] of members) {
    process.stdout.write(
      `${name.padEnd(longest)}  ${cell(isTime(name) ? moment(value) || 'never' : value)}\n`,
    );
  }
}

const TIMES: ReadonlySet<string> = new Set(['active_from', 'at', 'exp', 'iat']);

/** Members that the APIs and tokens give in seconds since the epoch. */
function isTime(name: string): boolean {
  return name.endsWith('_at') || TIMES.has(name);
}

async function printData(data: unknown, options: OutputOptions): Promise<void> {
  if (formatOf(options) === 'json') {
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const { stringify } = await import('yaml');
  process.stdout.write(stringify(data));
}

/** A message for a person; not data. */
export function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** A time of the API as a person reads it. @param seconds since the epoch */
export function moment(seconds: unknown): string {
  if (typeof seconds !== 'number' || seconds <= 0) return '';
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

// What others chose (names, descriptions) must not steer the terminal or break the table.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((each) => cell(each)).join(' ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, member]) => `${name}=${cell(member)}`)
      .join(' ');
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replaceAll(UNPRINTABLE, '?');
}

function width(text = ''): number {
  return Array.from(text).length;
}
