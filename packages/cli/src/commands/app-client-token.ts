/** `tessera app client-token`: the public token by which an app names itself to APIs. */
import type { Command } from 'commander';
import { createApiClient } from '../api-client.ts';
import { apiCommand } from '../command-tree.ts';
import { given, pathOf, wholeNumber } from '../options.ts';
import { type OutputOptions, printOne, tell } from '../output.ts';

interface ClientTokenOptions extends OutputOptions {
  readonly server?: string;
  readonly overlap?: number;
}

const LONGEST_OVERLAP_SECONDS = 30 * 24 * 3600;

export function defineClientTokens(app: Command): void {
  const token = app.command('client-token').description('the client token of an app: public, no secret');
  apiCommand(token, 'get <client_id>', 'show it; an app has none until it is made').action(
    async (id: string, options: ClientTokenOptions) => {
      const api = await createApiClient(options);
      await printOne(await api.get(pathOf('clients', id, 'client-token')), options);
    },
  );
  apiCommand(token, 'reset <client_id>', 'make it, or put a new one in its place')
    .option(
      '--overlap <seconds>',
      'how long the old one stays good; unless given, it ends now',
      wholeNumber(0, LONGEST_OVERLAP_SECONDS),
    )
    .action(async (id: string, options: ClientTokenOptions) => {
      const api = await createApiClient(options);
      const body = given({ overlap: options.overlap });
      await printOne(await api.post(pathOf('clients', id, 'client-token'), body), options);
    });
  apiCommand(token, 'delete <client_id>', 'take it away; it is refused from now on').action(
    async (id: string, options: ClientTokenOptions) => {
      const api = await createApiClient(options);
      await api.delete(pathOf('clients', id, 'client-token'));
      tell(`${id} has no client token any more.`);
    },
  );
}
