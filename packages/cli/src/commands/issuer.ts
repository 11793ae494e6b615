/** `tessera issuer`: platforms and identity providers whose JWTs are taken. */
import type { Command } from 'commander';
import { type ApiClient, createApiClient, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { type ListOptions, MAX_LIST_LIMIT, pathOf } from '../options.ts';
import { type Column, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { jsonObjectFrom } from '../standard-input.ts';

interface ServerOptions extends OutputOptions {
  readonly server?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (issuer) => issuer['id'] },
  { title: 'issuer', value: (issuer) => issuer['issuer'] },
  { title: 'kind', value: (issuer) => issuer['kind'] },
  { title: 'name', value: (issuer) => issuer['name'] },
  { title: 'status', value: (issuer) => issuer['status'] },
];

export function define(command: Command): void {
  apiCommand(command, 'create <file>', 'trust an issuer')
    .addHelpText('after', '\n<file>: the issuer as JSON, with its rules; - reads standard input.')
    .action(async (file: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.post(pathOf('trusted-issuers'), await jsonObjectFrom(file)), options);
    });
  listCommand(command, 'list trusted issuers').action(async (options: ServerOptions & ListOptions) => {
    const api = await createApiClient(options);
    await printList(await api.list(pathOf('trusted-issuers'), {}, options.limit), COLUMNS, options);
  });
  apiCommand(command, 'get <issuer>', 'show a trusted issuer, by id or issuer').action(
    async (idOrIssuer: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(await pathTo(api, idOrIssuer)), options);
    },
  );
  defineChanges(command);
}

function defineChanges(command: Command): void {
  apiCommand(command, 'update <issuer> <file>', 'replace what the file gives, by id or issuer').action(
    async (idOrIssuer: string, file: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.patch(await pathTo(api, idOrIssuer), await jsonObjectFrom(file)), options);
    },
  );
  for (const [verb, status, what] of [
    ['disable', 'disabled', 'take none of its JWTs'],
    ['enable', 'active', 'take its JWTs again'],
  ] as const) {
    apiCommand(command, `${verb} <issuer>`, what).action(
      async (idOrIssuer: string, options: ServerOptions) => {
        const api = await createApiClient(options);
        await printOne(await api.patch(await pathTo(api, idOrIssuer), { status }), options);
      },
    );
  }
  apiCommand(command, 'delete <issuer>', 'trust an issuer no more; links to people go with it').action(
    async (idOrIssuer: string, options: ServerOptions) => {
      const api = await createApiClient(options);
      await api.delete(await pathTo(api, idOrIssuer));
      tell(`Deleted ${idOrIssuer}.`);
    },
  );
}

/** An issuer is a URL and so has a colon, which no id has. */
async function pathTo(api: ApiClient, idOrIssuer: string): Promise<string> {
  if (!idOrIssuer.includes(':')) return pathOf('trusted-issuers', idOrIssuer);
  const all = await api.list(pathOf('trusted-issuers'), {}, MAX_LIST_LIMIT);
  const id = all.find((trusted) => trusted['issuer'] === idOrIssuer)?.['id'];
  if (typeof id === 'string') return pathOf('trusted-issuers', id);
  throw new CommandError(EXIT.error, `No trusted issuer is called ${idOrIssuer}.`);
}
