/** `tessera session`: the browsers you are signed in with. */
import type { Command } from 'commander';
import { createApiClient, itemsOf, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { type Column, moment, type OutputOptions, printList, tell } from '../output.ts';

interface SessionOptions extends OutputOptions {
  readonly server?: string;
  readonly all?: boolean;
}

const SESSIONS = '/account/v1/sessions';

const COLUMNS: readonly Column<Json>[] = [
  { title: 'id', value: (session) => session['id'] },
  { title: 'signed in', value: (session) => moment(session['signed_in_at']) },
  { title: 'last seen', value: (session) => moment(session['last_seen_at']) },
  { title: 'address', value: (session) => session['address'] },
  { title: 'browser', value: (session) => session['user_agent'] },
];

export function define(session: Command): void {
  apiCommand(session, 'list', 'list the browsers you are signed in with').action(
    async (options: SessionOptions) => {
      const api = await createApiClient(options);
      await printList(itemsOf(await api.get(SESSIONS)), COLUMNS, options);
    },
  );
  apiCommand(session, 'revoke [session]', 'sign one of them out')
    .option('--all', 'sign all of them out')
    .action(async (id: string | undefined, options: SessionOptions) => {
      if ((id === undefined) === (options.all !== true)) {
        throw new CommandError(EXIT.usage, 'Name one session, or say --all.');
      }
      const api = await createApiClient(options);
      await api.delete(id === undefined ? SESSIONS : `${SESSIONS}/${encodeURIComponent(id)}`);
      tell(id === undefined ? 'Signed out everywhere.' : `Signed out ${id}.`);
    });
}
