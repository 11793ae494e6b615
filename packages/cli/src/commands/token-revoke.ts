/** `tessera token revoke`: ends a token, by its id or by the token itself. */
import type { Command } from 'commander';
import { createApiClient } from '../api-client.ts';
import { apiCommand } from '../command-tree.ts';
import { pathOf } from '../options.ts';
import { type OutputOptions, printOne } from '../output.ts';
import { argumentOrInput } from '../standard-input.ts';

/** Of 32 bytes in base64url; no token looks like it. */
const TOKEN_ID = /^[A-Za-z0-9_-]{43}$/;

export function defineRevoke(token: Command): void {
  apiCommand(
    token,
    'revoke <token>',
    'revoke a token, or the one with this token id; - reads standard input',
  ).action(async (argument: string, options: OutputOptions & { readonly server?: string }) => {
    const given = await argumentOrInput(argument);
    const api = await createApiClient(options);
    const revoked = TOKEN_ID.test(given)
      ? await api.post(pathOf('tokens', given, 'revoke'), {})
      : await api.post(pathOf('tokens', 'revoke'), { token: given });
    await printOne(revoked, options);
  });
}
