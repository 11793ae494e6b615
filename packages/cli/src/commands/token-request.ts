/** `tessera token request`: an app's own access token. @spec RFC 6749 §4.4, RFC 8707 §2 */
import type { Command } from 'commander';
import { type CredentialOptions, readCredentials, withCredentials } from '../client-credentials.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { discover, requestToken } from '../oauth-client.ts';
import { type OutputOptions, printOne, tell } from '../output.ts';
import { hideToken } from '../reading-a-token.ts';
import { localServerUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';

interface RequestOptions extends OutputOptions, CredentialOptions {
  readonly server?: string;
  readonly resource?: string;
  readonly scope?: string;
  readonly showToken?: boolean;
}

export function defineRequest(token: Command): void {
  withCredentials(apiCommand(token, 'request', "get an app's own token, by its client credentials"))
    .option('--resource <uri>', 'the API that the token is for')
    .option('--scope <scopes>', 'separated by spaces')
    .option('--show-token', 'print the token on a terminal too')
    .action(request);
}

async function request(options: RequestOptions): Promise<void> {
  const credentials = await readCredentials(options, process.env);
  if (credentials === undefined) {
    throw new CommandError(EXIT.usage, 'Which app? Give --client-id or TESSERA_CLIENT_ID.');
  }
  const url = wantedUrl(process.env, options.server) ?? localServerUrl(process.env) ?? STANDARD_URL;
  const { tokenEndpoint } = await discover(url);
  const form = {
    grant_type: 'client_credentials',
    ...(options.resource !== undefined && { resource: options.resource }),
    ...(options.scope !== undefined && { scope: options.scope }),
  };
  const { accessToken, members } = await requestToken(tokenEndpoint, form, credentials);
  const shown = options.showToken === true || !process.stdout.isTTY;
  const asData = options.json === true || options.output !== 'table';
  if (shown && !asData) {
    process.stdout.write(`${accessToken}\n`);
    return;
  }
  await printOne({ ...members, access_token: shown ? accessToken : hideToken(accessToken) }, options);
  if (!shown) tell('The token is hidden: pipe it on, or add --show-token.');
}
