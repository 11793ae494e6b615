/** `tessera organization member`: who is in an organization, and as what. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { type ListOptions, pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';

interface MemberOptions extends OutputOptions {
  readonly server?: string;
  readonly role?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'user', value: (member) => member['user_id'] },
  { title: 'email', value: (member) => member['email'] },
  { title: 'name', value: (member) => member['display_name'] },
  { title: 'role', value: (member) => member['role'] },
  { title: 'since', value: (member) => moment(member['created_at']) },
];

/** What a member may be. */
export function roleOption(): Option {
  const choices = ['owner', 'admin', 'developer', 'member'];
  return new Option('--role <role>', 'what they may do there').choices(choices).makeOptionMandatory();
}

export function defineMembers(organization: Command): void {
  const member = organization.command('member').description('the members of an organization');
  listCommand(member, 'list the members of an organization', '<organization>').action(
    async (id: string, options: MemberOptions & ListOptions) => {
      const api = await createApiClient(options);
      await printList(
        await api.list(pathOf('organizations', id, 'members'), {}, options.limit),
        COLUMNS,
        options,
      );
    },
  );
  apiCommand(member, 'add <organization> <user>', 'make a person a member at once; for operators')
    .addOption(roleOption())
    .action(async (id: string, userId: string, options: MemberOptions) => {
      const api = await createApiClient(options);
      const body = { user_id: userId, role: options.role };
      await printOne(await api.post(pathOf('organizations', id, 'members'), body), options);
    });
  apiCommand(member, 'set-role <organization> <user>', 'give a member another role; it counts at once')
    .addOption(roleOption())
    .action(async (id: string, userId: string, options: MemberOptions) => {
      const api = await createApiClient(options);
      const path = pathOf('organizations', id, 'members', userId);
      await printOne(await api.patch(path, { role: options.role }), options);
    });
  apiCommand(member, 'remove <organization> <user>', 'remove a member').action(
    async (id: string, userId: string, options: MemberOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('organizations', id, 'members', userId));
      tell(`Removed ${userId}.`);
    },
  );
}
