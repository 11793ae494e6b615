/** `tessera cat inspect`: what a Common Access Token says, by name and as it is written. @spec CTA-5007-B §4.3; RFC 8949 §8 */
import { readToken } from '@tessera/tokens/explain';
import type { Command } from 'commander';
import { sizeOf } from '../cat-size.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { isTable, moment, type OutputOptions, printOne, withOutput } from '../output.ts';
import { argumentOrInput } from '../standard-input.ts';

export function defineInspect(cat: Command): void {
  withOutput(
    cat.command('inspect <token>').description('say what a token says; - reads standard input'),
  ).action(inspect);
}

const TIMES: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat']);

async function inspect(argument: string, options: OutputOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const read = readToken(token);
  if (read === undefined || (read.format !== 'cat' && read.format !== 'cwt')) {
    throw new CommandError(
      EXIT.invalidToken,
      'This is no Common Access Token. `tessera token explain` says what it may be.',
    );
  }
  const { header, claims, diagnostic } = read;
  const told = { header, claims, size: sizeOf(token), signature: 'not checked', diagnostic };
  if (!isTable(options)) return printOne(told, options);
  const lines = Object.entries(claims).map(([name, value]) => [
    `claim.${name}`,
    TIMES.has(name) ? `${String(value)}  ${moment(value)}` : value,
  ]);
  const headers = Object.entries(header).map(([name, value]) => [`header.${name}`, value]);
  await printOne(
    { ...Object.fromEntries([...headers, ...lines]), ...told, header: undefined, claims: undefined },
    options,
  );
}
