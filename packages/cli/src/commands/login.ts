/**
 * `tessera login`: the authorization code flow with PKCE, answered on loopback; with `--device`, a code that a person
 * enters in a browser anywhere.
 *
 * @spec RFC 8252 §7.3 and §8, RFC 7636 §4, RFC 9207 §2.4, RFC 8707 §2
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { createApiClient, withServer } from '../api-client.ts';
import { type LoopbackAnswer, listenForAnswer } from '../loopback-answer.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { authorizeDevice } from '../device-login.ts';
import { CLI_CLIENT_ID, discover, requestToken, type ServerMetadata } from '../oauth-client.ts';
import { openBrowser } from '../open-browser.ts';
import { tell } from '../output.ts';
import { localServerUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';
import { writeLogin } from '../stored-login.ts';

const RESOURCE = 'urn:tessera:api';
const SCOPE = 'admin account';
const PATIENCE_MS = 5 * 60_000;

interface LoginOptions {
  readonly server?: string;
  readonly open: boolean;
  readonly device?: boolean;
}

export function define(login: Command): void {
  withServer(login)
    .option('--no-open', 'print the address and open no browser')
    .option('--device', 'show a code to enter in a browser on any machine')
    .action(async (options: LoginOptions) => {
      const environment = process.env;
      const url = wantedUrl(environment, options.server) ?? localServerUrl(environment) ?? STANDARD_URL;
      const metadata = await discover(url);
      const token =
        options.device === true
          ? await authorizeDevice(metadata, { scope: SCOPE, resource: RESOURCE })
          : await authorize(metadata, options.open);
      writeLogin(environment, {
        url,
        accessToken: token.accessToken,
        expiresAt: Date.now() + token.expiresInSeconds * 1000,
        ...(token.refreshToken !== undefined && { refreshToken: token.refreshToken }),
      });
      const api = await createApiClient({ server: url }, { ...environment, TESSERA_TOKEN: undefined });
      const profile = await api.get('/account/v1/profile');
      tell(`Signed in to ${url} as ${String(profile['email'])} (${String(profile['role'])}).`);
    });
}

async function authorize(metadata: ServerMetadata, open: boolean) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const listener = await listenForAnswer({ patienceMs: PATIENCE_MS, command: 'tessera login' });
  try {
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: CLI_CLIENT_ID,
      redirect_uri: listener.redirectUri,
      scope: SCOPE,
      resource: RESOURCE,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const address = `${metadata.authorizationEndpoint}?${parameters}`;
    tell(`Sign in here:\n${address}`);
    if (open) openBrowser(address);
    const code = codeOf(await listener.answer(state), metadata.issuer);
    return await requestToken(metadata.tokenEndpoint, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: listener.redirectUri,
      client_id: CLI_CLIENT_ID,
      code_verifier: verifier,
      resource: RESOURCE,
    });
  } finally {
    listener.close();
  }
}

/** The code, if the answer is this server's own (RFC 9207 §2.4) and no refusal. */
function codeOf(answer: LoopbackAnswer, issuer: string): string {
  if (answer.iss !== issuer) {
    throw new CommandError(
      EXIT.error,
      'The answer came from another server than the one asked. Nothing was kept.',
    );
  }
  if (answer.code === undefined) {
    throw new CommandError(EXIT.notSignedIn, `Not signed in: ${answer.error ?? 'the answer has no code'}.`);
  }
  return answer.code;
}
