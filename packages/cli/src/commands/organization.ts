/** `tessera organization`: who owns apps and APIs, its members, and whom it invites. */
import { type Command, Option } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { given, type ListOptions, pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { defineInvitations } from './organization-invitation.ts';
import { defineMembers } from './organization-member.ts';
import { defineTokenRules } from './organization-token-rules.ts';

interface OrganizationOptions extends OutputOptions {
  readonly server?: string;
  readonly name?: string;
  readonly kind?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (organization) => organization['id'] },
  { title: 'name', value: (organization) => organization['name'] },
  { title: 'kind', value: (organization) => organization['kind'] },
  { title: 'your role', value: (organization) => organization['role'] },
  { title: 'created', value: (organization) => moment(organization['created_at']) },
];

export function define(organization: Command): void {
  listCommand(organization, 'list organizations')
    .addOption(new Option('--kind <kind>', 'only these').choices(['default', 'personal', 'team']))
    .action(async (options: OrganizationOptions & ListOptions) => {
      const api = await createApiClient(options);
      const query = given({ kind: options.kind }) as Record<string, string>;
      await printList(await api.list(pathOf('organizations'), query, options.limit), COLUMNS, options);
    });
  apiCommand(organization, 'get <organization>', 'show an organization, and what you may do there').action(
    async (id: string, options: OrganizationOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(pathOf('organizations', id)), options);
    },
  );
  apiCommand(organization, 'create', 'make an organization; you are its owner')
    .requiredOption('--name <name>', 'what it is called')
    .action(async (options: OrganizationOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.post(pathOf('organizations'), { name: options.name }), options);
    });
  apiCommand(organization, 'update <organization>', 'rename an organization')
    .requiredOption('--name <name>', 'what it is to be called')
    .action(async (id: string, options: OrganizationOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.patch(pathOf('organizations', id), { name: options.name }), options);
    });
  apiCommand(organization, 'delete <organization>', 'delete an organization with its apps and APIs').action(
    async (id: string, options: OrganizationOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('organizations', id));
      tell(`Deleted ${id} and everything it owned.`);
    },
  );
  defineMembers(organization);
  defineInvitations(organization);
  defineTokenRules(organization);
}
