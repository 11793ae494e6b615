/** `tessera cat verify`: would a recipient take this token for this request? The exit code says so. @spec CTA-5007-B §4.3 */
import { explainToken } from '@tessera/tokens/explain';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { type OutputOptions, tell, withOutput } from '../output.ts';
import { firstFailure, printExplanation } from '../printing-checks.ts';
import { type KeyOptions, type Keys, readKeys, withKeys } from '../reading-keys.ts';
import { argumentOrInput } from '../standard-input.ts';
import { expectationsOf, type QuestionOptions, withQuestion } from '../token-question.ts';

type VerifyOptions = OutputOptions & QuestionOptions & KeyOptions;

export function defineVerify(cat: Command): void {
  withKeys(
    withQuestion(
      withOutput(
        cat.command('verify <token>').description('check a token for a request; - reads standard input'),
      ),
    ),
  )
    .addHelpText(
      'after',
      '\nDescribe the request: what is not described counts as not shown, and a claim that asks for it fails.\nExit code 0: accepted. 3: refused.',
    )
    .action(verify);
}

async function verify(argument: string, options: VerifyOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const keys = await requireKeys(options);
  const { format, checks } = await explainToken(token, expectationsOf(options, options.issuer, keys));
  const failure = firstFailure({ checks });
  const good = failure === undefined && format === 'cat';
  await printExplanation({ format, good, checks }, options);
  if (good) return;
  tell(failure === undefined ? 'Refused: it is no Common Access Token.' : `Refused: ${failure.check}.`);
  process.exitCode = EXIT.invalidToken;
}

/** @throws CommandError 2 where none are named */
export async function requireKeys(options: KeyOptions): Promise<Keys> {
  const keys = await readKeys(options);
  if (keys !== undefined) return keys;
  throw new CommandError(EXIT.usage, 'With which key? Give --key or --jwks.');
}
