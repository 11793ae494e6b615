/** What `npm start` prints: at most twenty lines, the same at every start, each command ready to run as it stands. */
import type { DemoState } from './demo-state.ts';

export interface DemoAddresses {
  readonly issuer: string;
  readonly musicApi: string;
  readonly gateway: string;
  readonly player: string;
  readonly dataDirectory: string;
  /** Since the process started. */
  readonly startMs: number;
}

export function demoLines(state: DemoState, addresses: DemoAddresses): string {
  const { issuer, musicApi, gateway, player, dataDirectory, startMs } = addresses;
  const { account, confidential_client: app } = state;
  const credentials = `${app.client_id}:${app.client_secret}`;
  const request = `-u ${credentials} -d grant_type=client_credentials ${issuer}/api/token`;
  const ready = `Tessera is ready (${(startMs / 1000).toFixed(1)} s)`;
  return [
    `${ready.padEnd(47)}${issuer}   ← open this`,
    `  sign in    ${`${issuer}/login`.padEnd(34)}${account.email} / ${account.password}`,
    `  music API  :${new URL(musicApi).port}   gateway :${new URL(gateway).port}   player ${player}   mailbox ${issuer}/mailbox`,
    '1  Get a token',
    `   curl ${request}`,
    '2  Use it (good for one hour)',
    `   TOKEN=$(curl -s ${request} | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')`,
    `   curl ${musicApi}/v1/tracks/${state.track_id} -H "Authorization: Bearer $TOKEN"`,
    `Next: protect your own API in 5 lines → ${issuer}/docs/quickstarts      Stop: Ctrl-C      Data: ${dataDirectory}`,
    '',
  ].join('\n');
}
