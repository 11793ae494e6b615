/**
 * Who the command line is: the environment's token, then the stored login, then the token that a server of this machine
 * left for its first administrator.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import { CLI_CLIENT_ID, discover, OAuthRefusal, requestToken } from './oauth-client.ts';
import { tell } from './output.ts';
import { dataDirectory, type Environment, localServerUrl, safeUrl } from './server-url.ts';
import { readLogin, type StoredLogin, writeLogin } from './stored-login.ts';

type SignInSource = 'environment' | 'login' | 'admin.token';

export interface SignIn {
  readonly url: string;
  readonly source: SignInSource;
  /** The token to send now. */
  readonly accessToken: string;
  /** Another one, after the server has refused the first; undefined: there is no way to get one. */
  readonly renew: () => Promise<string | undefined>;
}

/** A token that ends sooner is renewed before it is used. */
const RENEW_BEFORE_MS = 30_000;

/** @throws CommandError 4 when nobody is signed in */
export async function signIn(environment: Environment, server: string | undefined): Promise<SignIn> {
  const wanted = wantedUrl(environment, server);
  const found =
    fromEnvironment(environment, wanted) ??
    (await fromLogin(environment, wanted)) ??
    fromAdminToken(environment, wanted);
  if (found === undefined) throw new CommandError(EXIT.notSignedIn, 'Not signed in. Run `tessera login`.');
  return found;
}

/** The server that is named, by option or environment. */
export function wantedUrl(environment: Environment, server: string | undefined): string | undefined {
  const named = server ?? environment['TESSERA_URL'];
  return named === undefined || named === '' ? undefined : safeUrl(named);
}

async function noRenewal(): Promise<undefined> {
  return undefined;
}

function fromEnvironment(environment: Environment, wanted: string | undefined): SignIn | undefined {
  const token = environment['TESSERA_TOKEN'];
  if (token === undefined || token === '') return undefined;
  if (wanted === undefined) throw new CommandError(EXIT.usage, 'TESSERA_TOKEN needs TESSERA_URL beside it.');
  return { url: wanted, source: 'environment', accessToken: token.trim(), renew: noRenewal };
}

async function fromLogin(environment: Environment, wanted: string | undefined): Promise<SignIn | undefined> {
  const login = readLogin(environment);
  if (login === undefined || (wanted !== undefined && login.url !== wanted)) return undefined;
  const renew = () => renewLogin(environment, login);
  const accessToken = login.expiresAt - Date.now() > RENEW_BEFORE_MS ? login.accessToken : await renew();
  if (accessToken === undefined) return undefined;
  return { url: login.url, source: 'login', accessToken, renew };
}

/** Exchanges the refresh token and keeps what comes back; undefined when the sign-in has ended. */
async function renewLogin(environment: Environment, login: StoredLogin): Promise<string | undefined> {
  if (login.refreshToken === undefined) return undefined;
  const { tokenEndpoint } = await discover(safeUrl(login.url));
  try {
    const renewed = await requestToken(tokenEndpoint, {
      grant_type: 'refresh_token',
      refresh_token: login.refreshToken,
      client_id: CLI_CLIENT_ID,
    });
    writeLogin(environment, {
      url: login.url,
      accessToken: renewed.accessToken,
      expiresAt: Date.now() + renewed.expiresInSeconds * 1000,
      refreshToken: renewed.refreshToken ?? login.refreshToken,
    });
    return renewed.accessToken;
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    tell(`The sign-in at ${login.url} has ended. ${error.message}`);
    return undefined;
  }
}

function fromAdminToken(environment: Environment, wanted: string | undefined): SignIn | undefined {
  const url = localServerUrl(environment);
  if (url === undefined || (wanted !== undefined && url !== wanted)) return undefined;
  const path = join(dataDirectory(environment), 'admin.token');
  try {
    // Others could have put a token there that is not ours, or have read the one that is.
    if ((statSync(path).mode & 0o077) !== 0) {
      tell(`${path} is readable by others and is not used. Run \`chmod 600 ${path}\`.`);
      return undefined;
    }
    const accessToken = readFileSync(path, 'utf8').trim();
    return accessToken === '' ? undefined : { url, source: 'admin.token', accessToken, renew: noRenewal };
  } catch {
    return undefined;
  }
}
