/** `tessera cat create`: a Common Access Token from claims and a key. @spec CTA-5007-B §4.3 */
import { randomBytes } from 'node:crypto';
import { CatError, createCat } from '@tessera/tokens/cat';
import type { CborMap } from '@tessera/tokens/cbor';
import type { CoseKey } from '@tessera/tokens/cose';
import { type Command, Option } from 'commander';
import { sizeOf } from '../cat-size.ts';
import { catMessage, claimsFromFile, claimsFromOptions, toClaims } from '../claims-file.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { collect, wholeNumber } from '../options.ts';
import { isTable, type OutputOptions, printOne, tell, withOutput } from '../output.ts';
import { hideToken } from '../reading-a-token.ts';
import { type KeyOptions, readKeys } from '../reading-keys.ts';

interface CreateOptions extends OutputOptions, KeyOptions {
  readonly key: string;
  readonly claim?: readonly string[];
  readonly expiresIn?: number;
  readonly allowPersonal?: boolean;
  readonly showToken?: boolean;
}

const TEN_YEARS = 10 * 365 * 24 * 3600;

export function defineCreate(cat: Command): void {
  withOutput(cat.command('create [claims]').description('make a token from a file of claims, JSON or YAML'))
    .addOption(
      new Option(
        '--key <file>',
        'what it is made with: a private key (JWK, PEM), or a secret as hex or base64url',
      ).makeOptionMandatory(),
    )
    .option('--kid <kid>', 'the name of that key, where the file has none')
    .option('--claim <name=value>', 'a claim by its name, the value as YAML (repeatable)', collect)
    .option('--expires-in <seconds>', 'exp, from now', wholeNumber(1, TEN_YEARS))
    .option('--allow-personal', 'make a token that tells where somebody is, although everybody can read it')
    .option('--show-token', 'print the token on a terminal too')
    .addHelpText(
      'after',
      `
[claims]: a file; - reads standard input.
  tessera cat create --key secret.hex --claim 'catm=[GET]' --claim 'catu={path: {prefix: /live/}}' --expires-in 3600`,
    )
    .action(create);
}

async function create(file: string | undefined, options: CreateOptions): Promise<void> {
  const { claim = [], expiresIn } = options;
  const claims = toClaims({
    ...(await claimsFromFile(file)),
    ...(await claimsFromOptions(claim)),
    ...(expiresIn !== undefined && { exp: Math.floor(Date.now() / 1000) + expiresIn }),
  });
  const token = make(claims, await signingKey(options), options.allowPersonal === true);
  const shown = options.showToken === true || !process.stdout.isTTY;
  if (shown && isTable(options)) process.stdout.write(`${token}\n`);
  else await printOne({ token: shown ? token : hideToken(token), size: sizeOf(token) }, options);
  if (!shown) tell('The token is hidden: pipe it on, or add --show-token.');
  if (!claims.has(EXP)) tell('It has no exp, so it does not end. Give --expires-in.');
  else if (isTable(options)) tell(`${sizeOf(token)}.`);
}

const EXP = 4;

/** The first key of the file that can make tokens. */
export async function signingKey(options: KeyOptions): Promise<CoseKey> {
  const key = (await readKeys(options))?.cose.find((each) => each.key.type !== 'public');
  if (key === undefined) {
    throw new CommandError(
      EXIT.usage,
      'A token is made with a private key or a secret; a public key only checks.',
    );
  }
  return key;
}

function make(claims: CborMap, key: CoseKey, allowPersonal: boolean): string {
  try {
    return createCat(claims, { key, random: (size) => randomBytes(size), allowPersonal });
  } catch (error) {
    if (error instanceof CatError) throw new CommandError(EXIT.usage, catMessage(error), { cause: error });
    if (error instanceof TypeError)
      throw new CommandError(EXIT.usage, `The key cannot be used: ${error.message}.`, { cause: error });
    throw error;
  }
}
