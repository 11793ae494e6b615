/** docs/reference/cli.md: every command, from the command line's own tree. */
import { EXIT } from '../../packages/cli/src/exit-code.ts';
import { buildProgram } from '../../packages/cli/src/program.ts';
import { code, table } from './markdown.ts';

type Command = Awaited<ReturnType<typeof buildProgram>>['commands'][number];
type Option = Command['options'][number];

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  error: 'it failed; the message says why',
  usage: 'the command line cannot be understood',
  invalidToken: 'the token is not good',
  notSignedIn: 'nobody is signed in, or the sign-in has ended',
  forbidden: 'whoever is signed in may not do this',
};

export async function cliPage(): Promise<string> {
  const program = await buildProgram('*', '0');
  const exits = Object.entries(EXIT).map(([name, number]) => [
    String(number),
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
  return `# Command line

In the repository: \`npm run tessera -- <command>\`. On the machine of the demo it needs no sign-in: it reads \`admin.token\` in the data
directory. Elsewhere \`tessera login\` opens your browser, or \`TESSERA_URL\` and \`TESSERA_TOKEN\` say where and with what.

Output is a table; \`--output json\` or \`yaml\` is for programs. Messages go to standard error. \`-\` in place of a token or file reads standard
input.

${table(['Exit code', 'Meaning'], exits)}

${program.commands.flatMap((command) => describe(command, [])).join('\n\n')}
`;
}

function describe(command: Command, parents: readonly string[]): readonly string[] {
  if (command.name() === 'help') return [];
  const path = [...parents, command.name()];
  const heading = `${'#'.repeat(Math.min(path.length + 1, 4))} ${path.join(' ')}`;
  const nested = command.commands.flatMap((one) => describe(one, path));
  const description = sentence(command.description());
  if (nested.length > 0) {
    const alias =
      command.alias() === undefined || command.alias() === '' ? '' : ` Also \`${command.alias()}\`.`;
    return [heading, `${description}${alias}`, ...nested];
  }
  const usage = ['tessera', ...path, command.usage()].join(' ').trim();
  const rows = [
    ...command.registeredArguments.map((one) => [code(one.name()), one.description ?? '']),
    ...command.options.map(optionRow),
  ];
  const parts = [heading, `\`${usage}\``, description];
  return rows.length === 0 ? parts : [...parts, table(['', ''], rows)];
}

function optionRow({ flags, description, defaultValue, argChoices }: Option): readonly string[] {
  const choices =
    argChoices === undefined ? '' : ` One of ${argChoices.map((choice) => code(choice)).join(', ')}.`;
  const standard = defaultValue === undefined ? '' : ` Unless given: ${code(String(defaultValue))}.`;
  return [
    code(flags),
    `${description}${choices || standard ? '.' : ''}${choices}${standard}`.replace('..', '.'),
  ];
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
