/** What a person or another program gives: standard input, files, and questions on the terminal. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';

/** Nothing that a command takes is longer. */
const MAX_BYTES = 1024 * 1024;

/** All of standard input, as text. */
async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) throw new CommandError(EXIT.usage, 'Standard input is too long.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An argument, or standard input where it is `-`; without white space around it. */
export async function argumentOrInput(argument: string): Promise<string> {
  return argument === '-' ? (await readStandardInput()).trim() : argument.trim();
}

/** A secret from the first line of standard input, so that it is in no process list and no history. */
export async function secretFromInput(): Promise<string> {
  const [line = ''] = (await readStandardInput()).split(/\r?\n/, 1);
  if (line === '') throw new CommandError(EXIT.usage, 'Standard input holds no secret.');
  return line;
}

/** The text of a file, without the line break at its end. */
export function textOfFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new CommandError(EXIT.usage, `The file ${path} cannot be read.`, { cause: error });
  }
}

/** The text of a file, or standard input where the path is `-`. */
export async function textFrom(path: string): Promise<string> {
  return path === '-' ? await readStandardInput() : textOfFile(path);
}

/** Reads a JSON object from a file, or from standard input where the path is `-`. */
export async function jsonObjectFrom(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textFrom(path);
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CommandError(
      EXIT.usage,
      `${path === '-' ? 'Standard input' : path} does not hold a JSON object.`,
    );
  }
  return { ...parsed };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asks on the terminal without showing what is typed. */
export async function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandError(EXIT.usage, 'There is no terminal to ask on; give it by standard input instead.');
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(`${question}: `);
  try {
    return await new Promise((resolve) => {
      terminal.question('', resolve);
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
