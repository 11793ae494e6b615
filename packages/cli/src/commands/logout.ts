/** `tessera logout`: revokes the tokens of the sign-in, then forgets them. @spec RFC 7009 §2.1 */
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { CLI_CLIENT_ID, discover, postForm } from '../oauth-client.ts';
import { tell } from '../output.ts';
import { safeUrl } from '../server-url.ts';
import { forgetLogin, readLogin, type StoredLogin } from '../stored-login.ts';

export function define(logout: Command): void {
  logout.action(async () => {
    const login = readLogin(process.env);
    if (login === undefined) return tell('You were not signed in.');
    const revoked = await revoke(login);
    forgetLogin(process.env);
    tell(
      revoked
        ? `Signed out of ${login.url}.`
        : `Forgot the sign-in at ${login.url}. The server did not answer, so its tokens end by themselves.`,
    );
  });
}

/** A server that is gone must not keep anybody from forgetting their tokens. */
async function revoke({ url, accessToken, refreshToken }: StoredLogin): Promise<boolean> {
  try {
    const { revocationEndpoint } = await discover(safeUrl(url));
    const token = refreshToken ?? accessToken;
    const response = await postForm(revocationEndpoint, { token, client_id: CLI_CLIENT_ID });
    return response.ok;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
