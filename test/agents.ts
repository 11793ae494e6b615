// Agents as their owners make them, and the tokens they get.
import { DEVICE_CODE_GRANT } from '../packages/server/src/domain/client.ts';
import type { ApiCall } from './account-calls.ts';
import type { TestServer } from './harness.ts';
import { type Answer, type Parameters, postForm, requestToken } from './oauth-calls.ts';
import { hasForm, type NoScriptBrowser } from './no-script-browser.ts';
import { MUSIC, type Person, type RegisteredClient } from './registrations.ts';

/** Of these, the music API gives `catalog-read` alone to every app. */
export const PERMISSIONS = [
  { resource: MUSIC, scope: 'catalog-read user-read-private playlist-read-private' },
];

export const NEW_AGENT = {
  client_name: 'Tidy',
  purpose: 'Keeps my playlists in order',
  permissions: PERMISSIONS,
};

export async function makeAgent(as: ApiCall, more: object = {}): Promise<RegisteredClient> {
  const answer = await as('POST', '/account/v1/agents', { ...NEW_AGENT, ...more });
  if (answer.status !== 201) throw new Error(`No agent: ${answer.status} ${answer.text}`);
  const { client_id: id, client_secret: secret } = answer.body;
  return { id: String(id), secret: typeof secret === 'string' ? secret : undefined, redirectUri: '' };
}

/** By its own credentials. */
export function ownToken(
  server: TestServer,
  agent: RegisteredClient,
  parameters: Parameters = {},
  base?: string,
): Promise<Answer> {
  const all = { grant_type: 'client_credentials', resource: MUSIC, ...parameters };
  return requestToken(server, all, agent, base === undefined ? {} : { base });
}

/** By the word of a person, who enters the agent's code. */
export async function lentToken(
  server: TestServer,
  agent: RegisteredClient,
  browser: NoScriptBrowser,
  person: Person,
  scope = 'user-read-private',
): Promise<Answer> {
  const started = await postForm(server, '/api/device', { resource: MUSIC, scope }, agent);
  if (started.status !== 200) return started;
  const { device_code: deviceCode, user_code: userCode } = started.body;
  // Each person may try five codes a minute; a minute later there is room again.
  server.clock.advance(61_000);
  let visit = await browser.get('/device');
  if (hasForm(visit.page, 'password')) {
    visit = await browser.submit(visit, { email: person.email, password: person.password });
  }
  const asked = await browser.submit(visit, { user_code: String(userCode) }, 'look');
  if (asked.status === 200) await browser.submit(asked, {}, 'allow');
  return requestToken(server, { grant_type: DEVICE_CODE_GRANT, device_code: String(deviceCode) }, agent);
}
