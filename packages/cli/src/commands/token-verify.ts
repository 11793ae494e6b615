/** `tessera token verify`: would an API accept this token? The exit code says so. @spec RFC 9068 §4 */
import { parseTokenString } from '@tessera/tokens';
import { createVerifier, TokenError } from '@tessera/verifier';
import { type Command, Option } from 'commander';
import { type CredentialOptions, readCredentials, withCredentials } from '../client-credentials.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { collect } from '../options.ts';
import { type OutputOptions, printOne, tell } from '../output.ts';
import { localServerUrl, safeUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';
import { argumentOrInput } from '../standard-input.ts';

interface VerifyOptions extends OutputOptions, CredentialOptions {
  readonly server?: string;
  readonly issuer?: string;
  readonly audience: string;
  readonly scope?: readonly string[];
}

export function defineVerify(token: Command): void {
  withCredentials(
    apiCommand(token, 'verify <token>', 'check a token as an API would; - reads standard input'),
  )
    .option('--issuer <url>', 'the server whose tokens are good; the one you speak to unless given')
    .addOption(new Option('--audience <uri>', 'the identifier of the API').makeOptionMandatory())
    .option('--scope <scope>', 'a scope that it must have (repeatable)', collect)
    .addHelpText(
      'after',
      '\nExit code 0: accepted. 3: refused. Opaque tokens need the credentials of the API.',
    )
    .action(verify);
}

async function verify(argument: string, options: VerifyOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const named = options.issuer === undefined ? undefined : safeUrl(options.issuer);
  const issuer =
    named ?? wantedUrl(process.env, options.server) ?? localServerUrl(process.env) ?? STANDARD_URL;
  const credentials = await readCredentials(options, process.env);
  if (credentials === undefined && parseTokenString(token) !== undefined) {
    throw new CommandError(
      EXIT.usage,
      'Only the server can tell about an opaque token: give --client-id and the secret of the API.',
    );
  }
  const verifier = createVerifier({ issuer, audience: options.audience, ...credentials });
  const scopes = (options.scope ?? []).flatMap((scope) => scope.split(' ').filter((name) => name !== ''));
  try {
    const accepted = await verifier.verify(token, { scopes });
    const { kind, format, sub, clientId, aud, exp, iat } = accepted;
    const shown = { format, kind, sub, client_id: clientId, aud, scopes: accepted.scopes, iat, exp };
    await printOne({ valid: true, ...shown }, options);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code === 'unavailable')
      throw new CommandError(EXIT.error, unavailable(issuer), { cause: error });
    await printOne({ valid: false, code: error.code, description: error.description }, options);
    tell(`Refused: ${error.description}.`);
    process.exitCode = EXIT.invalidToken;
  }
}

function unavailable(issuer: string): string {
  return `It cannot be checked now: ${issuer} does not answer, or refuses these credentials. This says nothing about the token.`;
}
