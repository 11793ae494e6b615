/** The whole command line as one tree. Only the commands that are asked for are loaded. */
import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Loads every command, for those that speak of all of them. */
export type WholeProgram = () => Promise<Command>;

interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
  /** Adds what the command can do to a command that has its name and description. */
  readonly load: () => Promise<{ readonly define: (command: Command, whole: WholeProgram) => void }>;
}

/** In the order of the help. */
const COMMANDS: readonly Entry[] = [
  {
    name: 'start',
    description: 'start the demo: server, music API, gateway, web player',
    load: () => import('./commands/start.ts'),
  },
  { name: 'serve', description: 'serve in production', load: () => import('./commands/serve.ts') },
  {
    name: 'gateway',
    description: 'stand in front of APIs and check their tokens',
    load: () => import('./commands/gateway.ts'),
  },
  {
    name: 'migrate',
    description: 'bring the database up to this version',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'backup',
    description: 'write everything into one file, while the server runs',
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    description: 'fill an empty database from a backup',
    load: () => import('./commands/restore.ts'),
  },
  { name: 'config', description: 'check or show the settings', load: () => import('./commands/config.ts') },
  {
    name: 'doctor',
    description: 'find out what is wrong, and what to do',
    load: () => import('./commands/doctor.ts'),
  },
  { name: 'login', description: 'sign in with the browser', load: () => import('./commands/login.ts') },
  {
    name: 'logout',
    description: 'sign out and forget the tokens',
    load: () => import('./commands/logout.ts'),
  },
  { name: 'whoami', description: 'show who you are', load: () => import('./commands/whoami.ts') },
  {
    name: 'app',
    alias: 'client',
    description: 'apps that ask for tokens',
    load: () => import('./commands/app.ts'),
  },
  {
    name: 'agent',
    description: 'agents: apps that act for you',
    load: () => import('./commands/agent.ts'),
  },
  {
    name: 'application',
    description: 'apps that have access to your account',
    load: () => import('./commands/application.ts'),
  },
  {
    name: 'api',
    alias: 'resource',
    description: 'APIs that tokens are for',
    load: () => import('./commands/api.ts'),
  },
  { name: 'user', description: 'people who have an account', load: () => import('./commands/user.ts') },
  {
    name: 'organization',
    description: 'who owns apps, APIs and tokens, and what is allowed there',
    load: () => import('./commands/organization.ts'),
  },
  {
    name: 'pat',
    description: 'personal access tokens, for scripts',
    load: () => import('./commands/pat.ts'),
  },
  {
    name: 'session',
    description: 'the browsers you are signed in with',
    load: () => import('./commands/session.ts'),
  },
  {
    name: 'issuer',
    description: 'platforms and identity providers whose JWTs are taken',
    load: () => import('./commands/issuer.ts'),
  },
  {
    name: 'policy',
    description: 'access policies: who gets tokens, under which conditions',
    load: () => import('./commands/policy.ts'),
  },
  { name: 'key', description: 'keys that sign tokens', load: () => import('./commands/key.ts') },
  {
    name: 'token',
    description: 'request, read, verify, explain, list and revoke tokens',
    load: () => import('./commands/token.ts'),
  },
  {
    name: 'mcp',
    description: 'check a server of the Model Context Protocol',
    load: () => import('./commands/mcp.ts'),
  },
  {
    name: 'cat',
    description: 'make, check, renew and read Common Access Tokens',
    load: () => import('./commands/cat.ts'),
  },
  {
    name: 'why',
    description: 'why a request was refused, and what to do',
    load: () => import('./commands/why.ts'),
  },
  {
    name: 'cluster',
    description: 'the nodes, and who is on duty',
    load: () => import('./commands/cluster.ts'),
  },
  { name: 'audit', description: 'what happened', load: () => import('./commands/audit.ts') },
  {
    name: 'completion',
    description: 'completion for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
];

const EXAMPLES = `
Examples:
  tessera start                                      the demo, ready in a second
  tessera app create --name Billing --redirect-uri https://billing.example/callback
  tessera token request --client-id app_1 --client-secret-file secret.txt | tessera token inspect -

Exit codes: 0 ok, 1 error, 2 usage, 3 invalid token, 4 not signed in, 5 forbidden`;

/** Runs one command line. Errors of usage are told here; others are thrown. */
export async function runProgram(args: readonly string[], version: string): Promise<ExitCode> {
  const program = await buildProgram(
    args.find((arg) => !arg.startsWith('-')),
    version,
  );
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync([...args], { from: 'user' });
    return exitCodeSet();
  } catch (error) {
    // Commander has told what is wrong, or shown what was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

/** Commands that answer by their exit code alone set it; the others leave it. */
function exitCodeSet(): ExitCode {
  const codes: readonly ExitCode[] = Object.values(EXIT);
  return codes.find((code) => code === process.exitCode) ?? EXIT.ok;
}

/** @param wanted the command to load; undefined: none, `*`: all of them */
export async function buildProgram(wanted: string | undefined, version: string): Promise<Command> {
  const program = new Command('tessera')
    .description(
      'Tessera, the access-token server: issues, explains, verifies, renews and revokes access tokens.',
    )
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  const whole: WholeProgram = () => buildProgram('*', version);
  for (const { name, alias, description, load } of COMMANDS) {
    const command = program.command(name).description(description);
    if (alias !== undefined) command.alias(alias);
    if (wanted === '*' || wanted === name || wanted === alias) (await load()).define(command, whole);
  }
  return program;
}
