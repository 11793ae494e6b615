/** `tessera organization invitation`: who is asked to join, by mail. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand, listCommand } from '../command-tree.ts';
import { type ListOptions, pathOf } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';
import { roleOption } from './organization-member.ts';

interface InvitationOptions extends OutputOptions {
  readonly server?: string;
  readonly email?: string;
  readonly role?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (invitation) => invitation['id'] },
  { title: 'email', value: (invitation) => invitation['email'] },
  { title: 'role', value: (invitation) => invitation['role'] },
  { title: 'ends', value: (invitation) => moment(invitation['expires_at']) },
];

export function defineInvitations(organization: Command): void {
  const invitation = organization.command('invitation').description('who is asked to join');
  listCommand(invitation, 'list the invitations that wait', '<organization>').action(
    async (id: string, options: InvitationOptions & ListOptions) => {
      const api = await createApiClient(options);
      const path = pathOf('organizations', id, 'invitations');
      await printList(await api.list(path, {}, options.limit), COLUMNS, options);
    },
  );
  apiCommand(invitation, 'create <organization>', 'invite a person by mail; good for seven days')
    .requiredOption('--email <address>', 'the address of their account, or of the one they will make')
    .addOption(roleOption())
    .action(async (id: string, options: InvitationOptions) => {
      const api = await createApiClient(options);
      const body = { email: options.email, role: options.role };
      await printOne(await api.post(pathOf('organizations', id, 'invitations'), body), options);
    });
  apiCommand(invitation, 'revoke <organization> <invitation>', 'take an invitation back').action(
    async (id: string, invitationId: string, options: InvitationOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('organizations', id, 'invitations', invitationId));
      tell(`Took ${invitationId} back.`);
    },
  );
}
