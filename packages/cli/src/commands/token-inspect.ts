/** `tessera token inspect`: what a token says. An app with credentials also asks the server. @spec RFC 7662 §2 */
import { findTokenStrings, tokenKindName } from '@tessera/tokens';
import type { Command } from 'commander';
import { type CredentialOptions, readCredentials, withCredentials } from '../client-credentials.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { readJson } from '../http.ts';
import { type ClientCredentials, discover, postForm } from '../oauth-client.ts';
import { isTable, moment, type OutputOptions, printOne, tell } from '../output.ts';
import { type ReadToken, readToken } from '../reading-a-token.ts';
import { localServerUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';
import { argumentOrInput } from '../standard-input.ts';

interface InspectOptions extends OutputOptions, CredentialOptions {
  readonly server?: string;
}

export function defineInspect(token: Command): void {
  withCredentials(apiCommand(token, 'inspect <token>', 'say what a token says; - reads standard input'))
    .addHelpText(
      'after',
      '\nA JWT, CWT or Common Access Token is read offline, and its signature is not checked: `token verify` does that.\nAn opaque token is shown to its server where an app is named by --client-id and its secret.',
    )
    .action(inspect);
}

async function inspect(argument: string, options: InspectOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const read = readToken(token, Date.now());
  if (read === undefined) {
    const [seen] = findTokenStrings(token);
    if (seen !== undefined) {
      throw new CommandError(
        EXIT.invalidToken,
        `This looks like a Tessera ${tokenKindName(seen.kind)}, but its checksum is wrong: a character is missing or another one. It was never issued like this.`,
      );
    }
    throw new CommandError(
      EXIT.invalidToken,
      'This is no token: neither a JWT, CWT or Common Access Token nor a Tessera token without typing errors. `token explain` may say more.',
    );
  }
  // Whatever says all that it has to say by itself stays here.
  const credentials = read.format === 'opaque' ? await readCredentials(options, process.env) : undefined;
  const introspection =
    credentials === undefined ? undefined : await introspect(token, credentials, options.server);
  const told = { ...read, ...(introspection !== undefined && { introspection }) };
  await printOne(isTable(options) ? inLines(read, introspection) : told, options);
  if (read.format === 'opaque' && introspection === undefined) {
    tell('It is opaque: only its server knows more. Give --client-id and a secret to ask.');
  }
}

async function introspect(
  token: string,
  credentials: ClientCredentials,
  server: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const url = wantedUrl(process.env, server) ?? localServerUrl(process.env) ?? STANDARD_URL;
  const { introspectionEndpoint } = await discover(url);
  const response = await postForm(introspectionEndpoint, { token }, credentials);
  const answer = Object(await readJson(response));
  if (!response.ok) {
    const code = response.status === 401 ? EXIT.notSignedIn : EXIT.error;
    throw new CommandError(
      code,
      `The server refused to introspect: ${String(answer.error ?? response.status)}.`,
    );
  }
  return { ...answer };
}

/** Members of a token under each other, with times that a person can read. */
function inLines(read: ReadToken, introspection: Readonly<Record<string, unknown>> | undefined): object {
  const { format } = read;
  const own =
    read.format === 'opaque'
      ? { kind: read.kind, checksum: read.checksum }
      : {
          ...prefixed('header', read.header),
          ...prefixed('claim', read.claims),
          expired: read.expired,
          signature: read.signature,
          diagnostic: read.diagnostic,
        };
  return { format, ...own, ...prefixed('introspection', introspection ?? {}) };
}

const TIMES: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'auth_time']);

function prefixed(prefix: string, members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      `${prefix}.${name}`,
      TIMES.has(name) ? `${String(value)}  ${moment(value)}` : value,
    ]),
  );
}
