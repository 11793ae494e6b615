/**
 * Signing in where there is no browser: a code that a person enters on another machine.
 *
 * @spec RFC 8628 §3.1 to §3.5, RFC 7636 §4, RFC 8707 §2
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import { readJson } from './http.ts';
import {
  CLI_CLIENT_ID,
  OAuthRefusal,
  oauthRefusal,
  postForm,
  requestToken,
  type ServerMetadata,
  type TokenResponse,
} from './oauth-client.ts';
import { tell } from './output.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const STANDARD_INTERVAL_SECONDS = 5;

/** Shows the code and waits until the person has decided. @throws CommandError when the answer is no, or none in time */
export async function authorizeDevice(
  metadata: ServerMetadata,
  wanted: { readonly scope: string; readonly resource: string },
): Promise<TokenResponse> {
  const { deviceAuthorizationEndpoint: endpoint, tokenEndpoint } = metadata;
  if (endpoint === undefined) throw new CommandError(EXIT.error, 'This server has no sign-in by device.');
  const verifier = randomBytes(32).toString('base64url');
  const response = await postForm(endpoint, {
    client_id: CLI_CLIENT_ID,
    ...wanted,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const asked = Object(await readJson(response));
  if (response.status !== 200) throw oauthRefusal(asked);
  const { device_code, user_code, verification_uri, expires_in, interval } = asked;
  if (typeof device_code !== 'string' || typeof user_code !== 'string') {
    throw new CommandError(EXIT.error, 'The server answered without a code.');
  }
  tell(`Go to ${String(verification_uri)} and enter the code\n\n    ${user_code}\n`);
  const grant = {
    grant_type: GRANT_TYPE,
    device_code,
    client_id: CLI_CLIENT_ID,
    code_verifier: verifier,
  };
  return poll(tokenEndpoint, grant, seconds(interval, STANDARD_INTERVAL_SECONDS), seconds(expires_in, 600));
}

function seconds(value: unknown, standard: number): number {
  return typeof value === 'number' && value > 0 ? value : standard;
}

async function poll(
  tokenEndpoint: string,
  grant: Readonly<Record<string, string>>,
  intervalSeconds: number,
  expiresInSeconds: number,
): Promise<TokenResponse> {
  const end = Date.now() + expiresInSeconds * 1000;
  let wait = intervalSeconds;
  while (Date.now() < end) {
    // oxlint-disable-next-line no-await-in-loop -- asking, waiting, asking again is the protocol
    await sleep(wait * 1000);
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      return await requestToken(tokenEndpoint, grant);
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      if (error.error === 'slow_down') wait += 5;
      else if (error.error === 'expired_token') break;
      else if (error.error === 'access_denied') {
        throw new CommandError(EXIT.notSignedIn, 'Not signed in: access_denied.');
      } else if (error.error !== 'authorization_pending') throw error;
    }
  }
  throw new CommandError(
    EXIT.notSignedIn,
    'Nobody entered the code in time. Run `tessera login --device` again.',
  );
}
