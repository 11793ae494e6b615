/** `tessera whoami`: who the command line is, and how it knows. */
import type { Command } from 'commander';
import { createApiClient, withServer } from '../api-client.ts';
import { type OutputOptions, printOne, withOutput } from '../output.ts';

export function define(whoami: Command): void {
  withOutput(withServer(whoami)).action(async (options: OutputOptions & { readonly server?: string }) => {
    const api = await createApiClient(options);
    const profile = await api.get('/account/v1/profile');
    await printOne({ ...profile, server: api.signedIn.url, signed_in_by: api.signedIn.source }, options);
  });
}
