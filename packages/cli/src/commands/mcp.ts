/** `tessera mcp`: for servers of the Model Context Protocol, whoever runs them. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { Check, Outcome } from '../mcp/check.ts';
import { PROFILE_NAMES, profileOf } from '../mcp/client-profile.ts';
import { walk } from '../mcp/walk.ts';
import { openBrowser } from '../open-browser.ts';
import { type OutputOptions, printList, tell, withOutput } from '../output.ts';
import { argumentOrInput, secretFromInput, textOfFile } from '../standard-input.ts';

interface CheckOptions extends OutputOptions {
  readonly as?: string;
  readonly clientId?: string;
  readonly clientSecretStdin?: boolean;
  readonly clientSecretFile?: string;
  readonly token?: string;
  readonly signIn?: boolean;
  readonly register: boolean;
  readonly open: boolean;
}

export function define(mcp: Command): void {
  const check = mcp
    .command('check')
    .argument('<url>', 'the MCP endpoint')
    .description('walk the way of a client to any MCP server: 401, metadata, registration, token, call');
  withOutput(check)
    .addOption(new Option('--as <client>', 'do as this client does').choices(PROFILE_NAMES))
    .option('--client-id <client_id>', 'a client that is registered already')
    .option('--client-secret-stdin', 'read its secret from standard input')
    .option('--client-secret-file <path>', 'read its secret from a file')
    .option('--token <token>', 'call with a token that you have; - reads it from standard input')
    .option('--sign-in', 'go on with the browser: sign in, get a token, call')
    .option('--no-open', 'with --sign-in: print the address and open no browser')
    .option('--no-register', 'register no client, not even for the time of the check')
    .action(checkServer);
}

async function checkServer(address: string, options: CheckOptions): Promise<void> {
  const { checks, exitCode } = await walk({
    url: endpointOf(address),
    profile: profileOf(options.as),
    mayRegister: options.register,
    ...(options.clientId !== undefined && {
      client: { id: options.clientId, ...(await secretOf(options)) },
    }),
    ...(options.token !== undefined && { token: await tokenOf(options.token) }),
    ...(options.signIn === true && { signIn: (url: string) => showSignIn(url, options.open) }),
  });
  await print(checks, options);
  const count = (outcome: Outcome): number => checks.filter((one) => one.outcome === outcome).length;
  tell(`${count('pass')} pass, ${count('warn')} warn, ${count('fail')} fail, ${count('skip')} skip.`);
  process.exitCode = exitCode;
}

/** As it was given: a slash at the end makes another endpoint. */
function endpointOf(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.hash !== '') {
    throw new CommandError(EXIT.usage, `${address} is not the URL of an MCP endpoint.`);
  }
  return url.pathname === '/' && !address.endsWith('/') ? url.origin + url.search : url.href;
}

async function secretOf({ clientSecretStdin, clientSecretFile }: CheckOptions): Promise<{ secret?: string }> {
  if (clientSecretStdin === true) return { secret: await secretFromInput() };
  return clientSecretFile === undefined ? {} : { secret: textOfFile(clientSecretFile) };
}

async function tokenOf(argument: string): Promise<string> {
  const token = await argumentOrInput(argument);
  if (/^[\w.~+/-]+=*$/.test(token)) return token;
  throw new CommandError(EXIT.usage, 'This is no token.');
}

function showSignIn(address: string, open: boolean): void {
  tell(`Sign in here:\n${address}`);
  if (open) openBrowser(address);
}

async function print(checks: readonly Check[], options: OutputOptions): Promise<void> {
  if (options.json === true || options.output !== 'table') return printList(checks, [], options);
  let before: string | undefined;
  for (const { step, check, outcome, detail, spec, fix } of checks) {
    if (step !== before) process.stdout.write(`${before === undefined ? '' : '\n'}${step}\n`);
    before = step;
    process.stdout.write(`  ${outcome}  ${check}: ${detail}${spec === '' ? '' : ` (${spec})`}\n`);
    if (fix !== undefined) process.stdout.write(`        → ${fix}\n`);
  }
}
