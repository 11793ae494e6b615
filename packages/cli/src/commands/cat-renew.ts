/** `tessera cat renew`: the token that follows one that asks for renewal, and how it is handed over. @spec CTA-5007-B §4.9.2 */
import { randomBytes } from 'node:crypto';
import { type CatCarrier, CatError, renewCat, verifyCat } from '@tessera/tokens/cat';
import { readToken } from '@tessera/tokens/explain';
import { type Command, Option } from 'commander';
import { catMessage } from '../claims-file.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { type OutputOptions, printOne, tell, withOutput } from '../output.ts';
import { hideToken } from '../reading-a-token.ts';
import type { KeyOptions } from '../reading-keys.ts';
import { argumentOrInput } from '../standard-input.ts';
import { expectationsOf, type QuestionOptions, withQuestion } from '../token-question.ts';
import { signingKey } from './cat-create.ts';

interface RenewOptions extends OutputOptions, QuestionOptions, KeyOptions {
  readonly key: string;
  readonly carrier: 'header' | 'cookie' | 'query';
  readonly carrierName: string;
  readonly showToken?: boolean;
}

export function defineRenew(cat: Command): void {
  const renewing = cat
    .command('renew <token>')
    .description('make the token that follows; - reads standard input');
  withQuestion(withOutput(renewing))
    .addOption(
      new Option(
        '--key <file>',
        'what it was and will be made with: private, or a secret',
      ).makeOptionMandatory(),
    )
    .option('--kid <kid>', 'the name of that key, where the file has none')
    .addOption(
      new Option('--carrier <where>', 'where the token came')
        .choices(['header', 'cookie', 'query'])
        .default('header'),
    )
    .option('--carrier-name <name>', 'the name of that', 'CTA-Common-Access-Token')
    .option('--show-token', 'print the token on a terminal too')
    .addHelpText('after', '\nThe token must be good for the request, and its catr says whether it is time.')
    .action(renew);
}

async function renew(argument: string, options: RenewOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const read = readToken(token);
  if (read?.format !== 'cat') throw new CommandError(EXIT.invalidToken, 'This is no Common Access Token.');
  const key = await signingKey(options);
  const { url, method } = options;
  const { request = {} } = expectationsOf(options, undefined, undefined);
  const issuers = textsOf(options.issuer, read.claims['iss']);
  try {
    const { claims } = await verifyCat(token, request, {
      keys: [key],
      issuers,
      audiences: textsOf(options.audience, read.claims['aud']),
      clock: Date.now,
    });
    const carrier: CatCarrier = { kind: options.carrier, name: options.carrierName };
    const [issuer = ''] = issuers;
    await print(
      renewCat(claims, { key, random: randomBytes, issuer, clock: Date.now, carrier, url, method }),
      options,
    );
  } catch (error) {
    if (error instanceof CatError)
      throw new CommandError(EXIT.invalidToken, `Refused: ${catMessage(error)}`, { cause: error });
    throw error;
  }
}

/** What is named, or else what the token names itself. */
function textsOf(named: string | undefined, own: unknown): readonly string[] {
  return named === undefined ? [own].flat().filter((each) => typeof each === 'string') : [named];
}

async function print(renewed: ReturnType<typeof renewCat>, options: RenewOptions): Promise<void> {
  if (renewed === undefined) {
    throw new CommandError(
      EXIT.error,
      'It is not renewed: it does not ask for that (catr), or it is not time yet.',
    );
  }
  const shown = options.showToken === true || !process.stdout.isTTY;
  const hidden = (text: string): string =>
    shown ? text : text.replaceAll(renewed.token, hideToken(renewed.token));
  const { token, exp, type, setCookie, header, status, location } = renewed;
  await printOne(
    {
      type,
      exp,
      ...(setCookie !== undefined && { set_cookie: hidden(setCookie) }),
      ...(header !== undefined && { header: `${header.name}: ${hidden(header.value)}` }),
      ...(status !== undefined && { status }),
      ...(location !== undefined && { location: hidden(location) }),
      token: hidden(token),
    },
    options,
  );
  if (!shown) tell('The token is hidden: pipe it on, or add --show-token.');
}
