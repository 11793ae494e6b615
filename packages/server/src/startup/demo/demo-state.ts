/**
 * `<data>/demo.json`: what the demo made at its first start and prints at every one. Only `tessera start` reads it,
 * and `serve` refuses a directory that holds it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { ConfigError } from '../../config.ts';
import { readablePassword } from '../first-start.ts';
import { writeSecretFile } from '../master-key.ts';

/** Its name in the data directory. */
export const DEMO_FILE = 'demo.json';

export interface DemoState {
  readonly account: { readonly email: string; readonly password: string; readonly display_name: string };
  readonly confidential_client: DemoClient & { readonly client_secret: string };
  readonly public_client: DemoClient;
  /** The credentials by which the music API introspects. */
  readonly music_server: { readonly client_id: string; readonly client_secret: string };
  readonly resources: { readonly music: string; readonly music_short: string };
  readonly track_id: string;
}

interface DemoClient {
  readonly client_id: string;
  readonly redirect_uris: readonly string[];
}

/** The state of this data directory; made and written at the first start. @throws ConfigError */
export function readDemoState(dataDirectory: string, random: Random): DemoState {
  const path = join(dataDirectory, DEMO_FILE);
  const kept = readKept(path);
  if (kept !== undefined) return kept;
  const made = makeState(random);
  writeSecretFile(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

function readKept(path: string): DemoState | undefined {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as DemoState;
    const secrets = [state.confidential_client.client_secret, state.music_server.client_secret];
    if (secrets.every((secret) => parseTokenString(secret)?.kind === 'cs') && state.account.password !== '')
      return state;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  throw new ConfigError([`${path} is damaged. Delete it; the next start makes a new one.`]);
}

function makeState(random: Random): DemoState {
  return {
    account: {
      email: 'ada@example.test',
      password: readablePassword({ random }),
      display_name: 'Ada Lovelace',
    },
    confidential_client: {
      client_id: 'demo-app',
      client_secret: createTokenString('cs', random),
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    public_client: { client_id: 'demo-player', redirect_uris: ['http://127.0.0.1/callback'] },
    music_server: { client_id: 'music-api', client_secret: createTokenString('cs', random) },
    resources: { music: 'https://music.example/', music_short: 'https://music-short.example/' },
    track_id: '2TpxZ7JUBn3uw46aR7qd6V',
  };
}
