// Every line that the console shows as "Same on the command line" is one that the command line has.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { buildProgram } from '../packages/cli/src/program.ts';

// The whole command line is loaded; a busy machine needs longer than the 5 seconds that a rule gets.
vi.setConfig({ testTimeout: 30_000 });

const SOURCES = new URL('../packages/console/src/', import.meta.url);
/** `command="…"`, or the template of one; what a template puts in is an argument, never the noun or the verb. */
const COMMAND = /\bcommand=(?:"([^"]+)"|\{`([^`]+)`\}|\{([^}]+)\})|\bcommand: '([^']+)'/g;
/** Where one part hands its own `command` on, as it is or with an argument. */
const HANDED_ON = /\bcommand$|\$\{command/;

interface Shown {
  readonly file: string;
  readonly line: string;
}

function shown(): readonly Shown[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.tsx'))
    .flatMap((file) =>
      [...readFileSync(new URL(file, SOURCES), 'utf8').matchAll(COMMAND)]
        .map(([, text, template, expression, member]) => text ?? template ?? expression ?? member ?? '')
        .filter((line) => !HANDED_ON.test(line))
        .map((line) => ({ file, line })),
    );
}

it('finds them', () => {
  expect(shown().length).toBeGreaterThan(15);
});

it('shows no command, no option that there is not', async () => {
  const program = await buildProgram('*', '0');
  const unknown = shown().filter(({ line }) => {
    let command: typeof program | undefined = program;
    const words = line.replaceAll(/\$\{[^}]*\}/g, ' ').split(' ');
    while (command !== undefined && command.commands.length > 0) {
      const word = words.shift();
      command = command.commands.find((each) => each.name() === word);
    }
    const known = ['--help', ...(command?.options ?? []).map(({ long }) => long ?? '')];
    const options = words.filter((word) => word.startsWith('--'));
    return command === undefined || options.some((option) => !known.includes(option));
  });
  expect(unknown).toEqual([]);
});
