/** `tessera start`: the demo. Server, music API and web player on loopback, with an account, two apps and two APIs. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hashTokenString } from '@tessera/tokens';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { demoLines } from './startup/demo/demo-lines.ts';
import { ensureDemo } from './startup/demo/demo-registrations.ts';
import { type DemoState, readDemoState } from './startup/demo/demo-state.ts';
import type { User } from './domain/user.ts';
import { issueAdminToken, prepareFirstStart, systemEvent } from './startup/first-start.ts';
import { assertFree, listen } from './startup/listen.ts';
import { createTessera, type Tessera } from './main.ts';
import { ensureDataDirectory, writeSecretFile } from './startup/master-key.ts';
import { createMetricsApp } from './startup/metrics-app.ts';
import { registerAccessTokenPage } from './pages/access-token/register.ts';
import { mountPublicPages } from './startup/public-pages.ts';
import { onStopSignal, openParts } from './startup/run.ts';

export interface StartOptions {
  /** 0 takes any free port; so for the others. */
  readonly port?: number | undefined;
  readonly musicPort?: number | undefined;
  readonly gatewayPort?: number | undefined;
  readonly playerPort?: number | undefined;
  readonly metricsPort?: number | undefined;
  readonly data?: string | undefined;
}

const STANDARD_PORTS = { port: 4400, musicPort: 4410, playerPort: 4430 } as const;

/** Starts and stays until SIGINT or SIGTERM. @throws ConfigError, StoreOpenError, PortTaken */
export async function start(options: StartOptions): Promise<void> {
  const config = demoConfig(options);
  ensureDataDirectory(config.data_dir);
  const port = await assertFree('localhost', config.port);
  const issuer = config.issuer ?? `http://localhost:${port}`;
  const parts = await openParts(config, issuer, { logLevel: 'error' });
  const state = readDemoState(config.data_dir, (size) => crypto.getRandomValues(new Uint8Array(size)));
  const hint = `Demo account: ${state.account.email}, password ${state.account.password}`;
  const tessera = await createTessera({ ...parts, signInHint: hint });
  const [music, player] = await Promise.all([
    import('@tessera/example-music-api'),
    import('@tessera/example-web-player'),
  ]);
  const person = await ensureDemo(tessera, state, music.musicScopes);
  await prepareFirstStart(tessera, config);
  const musicApi = await music.startMusicApi({
    host: '127.0.0.1',
    port: options.musicPort ?? STANDARD_PORTS.musicPort,
    issuer,
    audience: state.resources.music,
    shortAudience: state.resources.music_short,
    clientId: state.music_server.client_id,
    clientSecret: state.music_server.client_secret,
    home: issuer,
    findPerson: (sub: string) => findPerson(tessera, sub),
    dataFile: join(config.data_dir, 'playlists.json'),
  });
  const webPlayer = await player.startWebPlayer({
    host: '127.0.0.1',
    port: options.playerPort ?? STANDARD_PORTS.playerPort,
    issuer,
    musicApi: musicApi.url,
    clientId: state.public_client.client_id,
    scopes: ['user-read-private', 'user-read-email', 'playlist-read-private'],
    audience: state.resources.music,
    shortAudience: state.resources.music_short,
    home: issuer,
  });
  await mountDemoPages(
    tessera,
    state,
    { musicApi: musicApi.url, player: webPlayer.url },
    player.getProfileSource,
  );
  const main = await listen(tessera.app, 'localhost', port);
  const metricsApp = createMetricsApp(tessera);
  const metrics = await listen(metricsApp, config.metrics_host, config.metrics_port);
  await leaveKeysForTheCommandLine(tessera, person, config);
  onStopSignal(async () => {
    await Promise.all([main.close(), metrics.close(), musicApi.close(), webPlayer.close()]);
    await Promise.all([tessera.close(), metricsApp.close()]);
  });
  process.stdout.write(
    demoLines(state, {
      issuer,
      musicApi: musicApi.url,
      player: webPlayer.url,
      dataDirectory: shortPath(config.data_dir),
      startMs: performance.now(),
    }),
  );
}

function demoConfig(options: StartOptions): Config {
  const data = options.data ?? process.env['TESSERA_DATA_DIR'] ?? './data';
  const { config } = loadConfig({
    environment: process.env,
    overrides: {
      data_dir: data,
      ...(process.env['TESSERA_DATABASE_URL'] === undefined
        ? { database_url: `sqlite:${join(data, 'tessera.db')}` }
        : {}),
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.metricsPort === undefined ? {} : { metrics_port: options.metricsPort }),
    },
  });
  if (config.tls_cert !== undefined)
    throw new ConfigError(['The demo speaks http on loopback; use `tessera serve` for TLS.']);
  return config;
}

async function mountDemoPages(
  tessera: Tessera,
  state: DemoState,
  urls: { readonly musicApi: string; readonly player: string },
  getProfileSource: (musicApi: string) => string,
): Promise<void> {
  await mountPublicPages(tessera);
  const { confidential_client, public_client, account, resources, track_id } = state;
  registerAccessTokenPage(tessera.app, {
    demo: {
      issuer: tessera.issuer,
      musicApi: urls.musicApi,
      shortPath: '/short/v1',
      player: urls.player,
      confidentialClient: { id: confidential_client.client_id, secret: confidential_client.client_secret },
      publicClient: { id: public_client.client_id, redirectUri: `${urls.player}/callback` },
      account,
      resources: { music: resources.music, musicShort: resources.music_short },
      trackId: track_id,
    },
    fetch,
    getProfileSource: getProfileSource(urls.musicApi),
  });
}

/** `<data>/admin.token` and `<data>/server.json`: the command line on this machine needs no sign-in. */
async function leaveKeysForTheCommandLine(tessera: Tessera, person: User, config: Config): Promise<void> {
  const path = join(config.data_dir, 'admin.token');
  await revokePrevious(tessera, path);
  writeSecretFile(path, `${await issueAdminToken(tessera, person)}\n`);
  writeSecretFile(join(config.data_dir, 'server.json'), `${JSON.stringify({ url: tessera.issuer })}\n`);
}

async function revokePrevious(tessera: Tessera, path: string): Promise<void> {
  try {
    const previous = hashTokenString(readFileSync(path, 'utf8').trim());
    await tessera.store.accessTokens.revoke(previous, tessera.clock(), systemEvent(tessera, 'token.revoked'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function findPerson(
  { store }: Tessera,
  sub: string,
): Promise<{ readonly displayName: string; readonly email: string } | undefined> {
  const user = await store.users.find(sub);
  return user === undefined ? undefined : { displayName: user.displayName, email: user.email };
}

function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || near.startsWith('/') ? path : `./${near}`;
}
