/** `tessera token verify`: would an API accept this token? The exit code says so. @spec RFC 9068 §4 */
import { explainToken, readToken } from '@tessera/tokens/explain';
import { createVerifier, TokenError } from '@tessera/verifier';
import type { Command } from 'commander';
import { type CredentialOptions, readCredentials, withCredentials } from '../client-credentials.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { type OutputOptions, printOne, tell } from '../output.ts';
import { type Keys, type KeyOptions, readKeys, withKeys } from '../reading-keys.ts';
import { localServerUrl, safeUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';
import { argumentOrInput } from '../standard-input.ts';
import { expectationsOf, type QuestionOptions, scopesOf, withQuestion } from '../token-question.ts';

interface VerifyOptions extends OutputOptions, CredentialOptions, QuestionOptions, KeyOptions {
  readonly server?: string;
}

export function defineVerify(token: Command): void {
  withKeys(
    withQuestion(
      withCredentials(
        apiCommand(token, 'verify <token>', 'check a token as an API would; - reads standard input'),
      ),
    ),
  )
    .addHelpText(
      'after',
      '\nExit code 0: accepted. 3: refused. Opaque tokens need the credentials of the API. With --key or --jwks nobody is asked; a Common Access Token is then held to the issuer and the audience that are named, if any are.',
    )
    .action(verify);
}

async function verify(argument: string, options: VerifyOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const format = readToken(token)?.format;
  const keys = await readKeys(options);
  if (keys !== undefined && format !== 'opaque') {
    await verifyHere(token, format === 'cat', keys, options);
    return;
  }
  const { audience } = options;
  if (audience === undefined) throw new CommandError(EXIT.usage, 'For which API? Give --audience.');
  await verifyAsAnApi(token, format === 'opaque', { ...options, audience });
}

/** By keys that were given, asking nobody. What was not checked is not accepted. */
async function verifyHere(token: string, isCat: boolean, keys: Keys, options: VerifyOptions): Promise<void> {
  const { issuer, audience } = options;
  if (!isCat && (issuer === undefined || audience === undefined)) {
    throw new CommandError(EXIT.usage, 'Whose token, and for which API? Give --issuer and --audience.');
  }
  const { format, checks } = await explainToken(token, expectationsOf(options, issuer, keys));
  const optional = isCat ? ['iss', 'aud'] : scopesOf(options).length === 0 ? ['scope'] : [];
  const wrong = checks.find(
    ({ check, result }) => result === 'failed' || (result === 'skipped' && !optional.includes(check)),
  );
  if (wrong === undefined) {
    const read = readToken(token);
    const claims = read === undefined || read.format === 'opaque' ? {} : read.claims;
    await printOne({ valid: true, format, ...claims }, options);
    return;
  }
  const { check, expected, got, fix } = wrong;
  await printOne({ valid: false, format, check, expected, got, fix }, options);
  tell(`Refused: ${check}. \`tessera token explain\` shows every check.`);
  process.exitCode = EXIT.invalidToken;
}

async function verifyAsAnApi(
  token: string,
  isOpaque: boolean,
  options: VerifyOptions & { readonly audience: string },
): Promise<void> {
  const named = options.issuer === undefined ? undefined : safeUrl(options.issuer);
  const issuer =
    named ?? wantedUrl(process.env, options.server) ?? localServerUrl(process.env) ?? STANDARD_URL;
  const credentials = await readCredentials(options, process.env);
  if (credentials === undefined && isOpaque) {
    throw new CommandError(
      EXIT.usage,
      'Only the server can tell about an opaque token: give --client-id and the secret of the API.',
    );
  }
  const verifier = createVerifier({ issuer, audience: options.audience, ...credentials });
  try {
    const accepted = await verifier.verify(token, { scopes: scopesOf(options) });
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
