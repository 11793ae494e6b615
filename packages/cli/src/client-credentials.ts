/** The credentials of an app, from where they leak least: environment, file or standard input; never an option's value. */
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import type { ClientCredentials } from './oauth-client.ts';
import type { Environment } from './server-url.ts';
import { secretFromInput, textOfFile } from './standard-input.ts';

export interface CredentialOptions {
  readonly clientId?: string;
  readonly clientSecretStdin?: boolean;
  readonly clientSecretFile?: string;
}

/** Adds the options that `readCredentials` reads. */
export function withCredentials(command: Command): Command {
  return command
    .option('--client-id <client_id>', 'the app (or TESSERA_CLIENT_ID)')
    .option('--client-secret-stdin', 'read its secret from standard input (or TESSERA_CLIENT_SECRET)')
    .option('--client-secret-file <path>', 'read its secret from a file');
}

/** @returns undefined where no app is named @throws CommandError for an app without its secret */
export async function readCredentials(
  options: CredentialOptions,
  environment: Environment,
): Promise<ClientCredentials | undefined> {
  const clientId = options.clientId ?? environment['TESSERA_CLIENT_ID'];
  if (clientId === undefined || clientId === '') return undefined;
  const clientSecret = await readSecret(options, environment);
  if (clientSecret === undefined || clientSecret === '') {
    throw new CommandError(
      EXIT.usage,
      'The secret of the app is missing: --client-secret-file, --client-secret-stdin or TESSERA_CLIENT_SECRET.',
    );
  }
  return { clientId, clientSecret };
}

async function readSecret(options: CredentialOptions, environment: Environment): Promise<string | undefined> {
  if (options.clientSecretStdin === true) return secretFromInput();
  if (options.clientSecretFile !== undefined) return textOfFile(options.clientSecretFile);
  return environment['TESSERA_CLIENT_SECRET'];
}
