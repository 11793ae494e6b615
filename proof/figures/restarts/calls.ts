// What the apps do meanwhile: get tokens, renew them, ask about them, fetch the keys.
import type { NoScriptBrowser } from '../../../test/no-script-browser.ts';
import {
  type Answer,
  type Called,
  introspect,
  obtainTokens,
  read,
  refresh,
  requestToken,
  tokensOf,
} from '../../../test/oauth-calls.ts';
import { OPAQUE } from '../../../test/registrations.ts';
import type { Call } from './steady-load.ts';

/** The calls of one app in somebody's browser. */
export async function callsOf(server: Called, browser: NoScriptBrowser): Promise<readonly Call[]> {
  const { publicWeb, confidential } = server.clients;
  const parameters = { scope: 'catalog-read', resource: OPAQUE };
  let { accessToken, refreshToken } = await obtainTokens(server, browser, { client: publicWeb, parameters });
  return [
    async () => {
      const form = { grant_type: 'client_credentials', resource: OPAQUE };
      return faultOf('a token', await requestToken(server, form, confidential));
    },
    async () => {
      const answer = await introspect(server, accessToken);
      const isActive = answer.status !== 200 || answer.body['active'] === true;
      return isActive ? faultOf('introspection', answer) : 'a good token is not active';
    },
    async () => {
      const answer = await refresh(server, refreshToken, publicWeb);
      if (answer.status === 200) ({ accessToken, refreshToken } = tokensOf(answer));
      return faultOf('a renewal', answer);
    },
    async () => faultOf('the keys', await read(await fetch(`${server.base}/.well-known/jwks.json`))),
  ];
}

function faultOf(what: string, { status, text }: Answer): string | undefined {
  return status === 200 ? undefined : `${what}: ${status} ${text.slice(0, 200)}`;
}
