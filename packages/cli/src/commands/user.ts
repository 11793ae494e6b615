/** `tessera user`: the people who have an account. */
import { type Command, Option } from 'commander';
import { type ApiClient, createApiClient, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { given, type ListOptions, MAX_LIST_LIMIT, pathOf } from '../options.ts';
import { type Column, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { askHidden, secretFromInput } from '../standard-input.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

interface UserOptions extends ServerOptions {
  readonly email?: string;
  readonly name?: string;
  readonly role?: string;
  readonly status?: string;
  readonly emailVerified?: boolean;
  readonly passwordStdin?: boolean;
  readonly password?: boolean;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (user) => user['id'] },
  { title: 'email', value: (user) => user['email'] },
  { title: 'name', value: (user) => user['display_name'] },
  { title: 'role', value: (user) => user['role'] },
  { title: 'status', value: (user) => user['status'] },
];

export function define(user: Command): void {
  defineCreate(user);
  defineReading(user);
  defineUpdate(user);
  defineSendLink(user);
  defineDelete(user);
  defineFactors(user);
}

function withMembers(command: Command): Command {
  return command
    .option('--name <name>', 'what the person is called')
    .addOption(new Option('--role <role>', 'what the person may do in Tessera').choices(['admin', 'member']))
    .option('--email-verified', 'the address is known to be theirs')
    .option('--password-stdin', 'read the password from standard input');
}

function membersFrom(options: UserOptions, password: string | undefined): Json {
  return given({
    email: options.email,
    display_name: options.name,
    role: options.role,
    status: options.status,
    email_verified: options.emailVerified,
    password,
  });
}

function defineCreate(user: Command): void {
  withMembers(apiCommand(user, 'create', 'create an account'))
    .requiredOption('--email <address>', 'the email address')
    .option('--no-password', 'make it without one; the person is mailed a link to choose one')
    .action(async (options: UserOptions) => {
      const api = await createApiClient(options);
      const password = options.password === false ? undefined : await newPassword(options);
      const members = { display_name: options.email, ...membersFrom(options, password) };
      await printOne(await api.post(pathOf('users'), members), options);
    });
}

async function newPassword(options: UserOptions): Promise<string> {
  if (options.passwordStdin === true) return secretFromInput();
  const password = await askHidden('Password');
  if ((await askHidden('The same again')) !== password) {
    throw new CommandError(EXIT.usage, 'These were two different passwords.');
  }
  return password;
}

function defineReading(user: Command): void {
  listCommand(user, 'list people').action(async (options: ServerOptions & ListOptions) => {
    const api = await createApiClient(options);
    await printList(await api.list(pathOf('users'), {}, options.limit), COLUMNS, options);
  });
  apiCommand(user, 'get <user>', 'show a person, by id or email address').action(
    async (idOrEmail: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(pathOf('users', await idOf(api, idOrEmail))), options);
    },
  );
}

function defineUpdate(user: Command): void {
  withMembers(apiCommand(user, 'update <user>', 'replace what is given, by id or email address'))
    .option('--email <address>', 'the new email address')
    .option('--ask-password', 'ask for a new password')
    .addOption(
      new Option('--status <status>', 'a disabled person cannot sign in').choices(['active', 'disabled']),
    )
    .action(async (idOrEmail: string, options: UserOptions & { readonly askPassword?: boolean }) => {
      const api = await createApiClient(options);
      const id = await idOf(api, idOrEmail);
      const asked = options.passwordStdin === true || options.askPassword === true;
      const password = asked ? await newPassword(options) : undefined;
      await printOne(await api.patch(pathOf('users', id), membersFrom(options, password)), options);
    });
}

function defineSendLink(user: Command): void {
  apiCommand(user, 'send-link <user>', 'mail a person a link to choose a password').action(
    async (idOrEmail: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.post(pathOf('users', await idOf(api, idOrEmail), 'password-link'), {});
      tell(`A mail is on its way to ${idOrEmail}. Its link is good for 15 minutes.`);
    },
  );
}

function defineDelete(user: Command): void {
  apiCommand(user, 'delete <user>', 'delete a person with their sessions and tokens').action(
    async (idOrEmail: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('users', await idOf(api, idOrEmail)));
      tell(`Deleted ${idOrEmail}.`);
    },
  );
}

function defineFactors(user: Command): void {
  apiCommand(user, 'factors <user>', 'show which second factors a person has').action(
    async (idOrEmail: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(factorsOf(await idOf(api, idOrEmail))), options);
    },
  );
  apiCommand(user, 'reset-factors <user>', 'remove all second factors of somebody who has lost them').action(
    async (idOrEmail: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(factorsOf(await idOf(api, idOrEmail)));
      tell(`Removed. The password of ${idOrEmail} alone signs them in until they add a factor.`);
    },
  );
}

function factorsOf(id: string): string {
  return `${pathOf('users', id)}/second-factors`;
}

async function idOf(api: ApiClient, idOrEmail: string): Promise<string> {
  if (!idOrEmail.includes('@')) return idOrEmail;
  const email = idOrEmail.trim().normalize('NFC').toLowerCase();
  const all = await api.list(pathOf('users'), {}, MAX_LIST_LIMIT);
  const id = all.find((user) => user['email'] === email)?.['id'];
  if (typeof id !== 'string') throw new CommandError(EXIT.error, `No user has the email address ${email}.`);
  return id;
}
