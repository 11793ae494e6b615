/** `tessera start`: the demo. Server, music API, gateway and web player on loopback, with an account, two apps and two APIs. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { musicDetailsTypes, musicScopes } from '@tessera/example-music-api/scopes';
import { getProfileSource } from '@tessera/example-web-player/get-profile-source';
import { hashTokenString } from '@tessera/tokens';
import type { Config } from './config.ts';
import { demoConfig, type DemoSettings, ownHosts } from './startup/demo/demo-config.ts';
import { demoLines } from './startup/demo/demo-lines.ts';
import {
  createDemoNodes,
  FIRST_NODE,
  type RunningDemoNodes,
  requireSharedDatabase,
} from './startup/demo/demo-nodes.ts';
import { ensureDemo } from './startup/demo/demo-registrations.ts';
import { type DemoState, readDemoState } from './startup/demo/demo-state.ts';
import type { User } from './domain/user.ts';
import { issueAdminToken, prepareFirstStart, systemEvent } from './startup/first-start.ts';
import { assertFree, listen } from './startup/listen.ts';
import { createTessera, type Tessera } from './main.ts';
import { ensureDataDirectory, writeSecretFile } from './startup/master-key.ts';
import { createMetricsApp } from './startup/metrics-app.ts';
import { createMailbox, type Mailbox } from './mail/mailbox.ts';
import { registerAccessTokenPage } from './pages/access-token/register.ts';
import { registerMailbox } from './pages/mailbox/register.ts';
import { mountPublicPages } from './startup/public-pages.ts';
import { onStopSignal, openParts } from './startup/run.ts';

export interface StartOptions extends DemoSettings {
  readonly musicPort?: number | undefined;
  readonly gatewayPort?: number | undefined;
  readonly playerPort?: number | undefined;
  /** How many share the database, of which this process is one. */
  readonly nodes?: number | undefined;
}

interface Ports {
  readonly server: number;
  readonly music: number;
  readonly gateway: number;
  readonly player: number;
  readonly metrics: number;
  readonly gatewayMetrics: number;
}

const STANDARD_PORTS = { server: 4400, music: 4410, gateway: 4420, player: 4430, metrics: 4490 } as const;

/** Starts and stays until SIGINT or SIGTERM. @throws ConfigError, StoreOpenError, PortTaken */
export async function start(options: StartOptions): Promise<void> {
  const { nodes = 1 } = options;
  const loaded = demoConfig(options, nodes > 1 ? { node_name: FIRST_NODE } : {});
  const { config } = loaded;
  requireSharedDatabase(nodes, config.database_url);
  ensureDataDirectory(config.data_dir);
  const ports = await choosePorts(options, config);
  const issuer = config.issuer ?? `http://localhost:${ports.server}`;
  const parts = await openParts(loaded, issuer, { logLevel: 'error' });
  const state = readDemoState(config.data_dir, (size) => crypto.getRandomValues(new Uint8Array(size)));
  const hint = `Demo account: ${state.account.email}, password ${state.account.password}`;
  const mailbox = createMailbox();
  const hosts = ownHosts(issuer, ports.server);
  const demoNodes = createDemoNodes(nodes, { issuer, settings: options, mailbox });
  const tessera = await createTessera({ ...parts, signInHint: hint, hosts, mailbox, demoNodes });
  const open: Open[] = [demoNodes];
  onStopSignal(async () => {
    await Promise.all(open.map((one) => one.close()));
    await tessera.close();
  });
  // Passwords are hashed on other threads; meanwhile the rest goes on here.
  const [person] = await Promise.all([
    ensureDemo(tessera, state, { scopes: musicScopes, authorizationDetailsTypes: musicDetailsTypes }),
    bringUp({ tessera, state, mailbox }, ports, config, open),
  ]);
  await prepareFirstStart(tessera, config);
  await leaveKeysForTheCommandLine(tessera, person, config);
  await startOthers(demoNodes);
  process.stdout.write(
    demoLines(state, {
      issuer,
      musicApi: loopback(ports.music),
      gateway: loopback(ports.gateway),
      player: loopback(ports.player),
      dataDirectory: shortPath(config.data_dir),
      startMs: performance.now(),
    }),
  );
}

/** Something that was started and has to be closed. */
interface Open {
  close(): Promise<void>;
}

/** @throws Error where one ends instead; it has said why on the standard error. */
async function startOthers(nodes: RunningDemoNodes): Promise<void> {
  for (const { name } of nodes.list()) {
    // oxlint-disable-next-line no-await-in-loop -- the duty goes round in the order in which they joined: n1, n2, n3
    if (!(await nodes.start(name))) throw new Error(`The node ${name} of the demo could not be started.`);
  }
}

interface Demo {
  readonly tessera: Tessera;
  readonly state: DemoState;
  readonly mailbox: Mailbox;
}

/** The server first, because it is what others wait for. */
async function bringUp(
  { tessera, state, mailbox }: Demo,
  ports: Ports,
  config: Config,
  open: Open[],
): Promise<void> {
  await mountDemoPages({ tessera, state, mailbox }, ports);
  const metrics = createMetricsApp(tessera.issuer);
  open.push(await listen(tessera.app, 'localhost', ports.server));
  open.push(await listen(metrics.app, config.metrics_host, ports.metrics), metrics.app);
  metrics.started(tessera);
  await startExamples(tessera, state, ports, join(config.data_dir, 'playlists.json'), open);
}

/** Asked before anything is started, so that a taken port leaves nothing half done. */
async function choosePorts(options: StartOptions, config: Config): Promise<Ports> {
  // Beside the server's; where that was chosen otherwise, several demos may run side by side.
  const gatewayMetrics = config.metrics_port === STANDARD_PORTS.metrics ? STANDARD_PORTS.metrics + 1 : 0;
  return {
    server: await freePort(config.port, '--port', 'localhost'),
    music: await freePort(options.musicPort ?? STANDARD_PORTS.music, '--music-port'),
    gateway: await freePort(options.gatewayPort ?? STANDARD_PORTS.gateway, '--gateway-port'),
    player: await freePort(options.playerPort ?? STANDARD_PORTS.player, '--player-port'),
    metrics: await freePort(config.metrics_port, '--metrics-port', config.metrics_host),
    gatewayMetrics: await freePort(gatewayMetrics, '--metrics-port'),
  };
}

function freePort(port: number, flag: string, host = '127.0.0.1'): Promise<number> {
  return assertFree(host, port, `Run \`npm start -- ${flag} 0\``);
}

function loopback(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Loading a program holds up everything else: between two of them the server answers whoever asked it meanwhile. */
function whoAsksFirst(): Promise<void> {
  return wait(3);
}

async function startExamples(
  tessera: Tessera,
  state: DemoState,
  ports: Ports,
  playlists: string,
  open: Open[],
): Promise<void> {
  const { issuer } = tessera;
  await whoAsksFirst();
  const music = await import('@tessera/example-music-api');
  await whoAsksFirst();
  const musicApi = await music.startMusicApi({
    host: '127.0.0.1',
    port: ports.music,
    issuer,
    audience: state.resources.music,
    shortAudience: state.resources.music_short,
    clientId: state.music_server.client_id,
    clientSecret: state.music_server.client_secret,
    home: issuer,
    findPerson: (sub: string) => findPerson(tessera, sub),
    dataFile: playlists,
  });
  open.push(musicApi);
  await whoAsksFirst();
  const gateway = await import('./startup/demo/demo-gateway.ts');
  const { gateway: port, gatewayMetrics: managementPort } = ports;
  open.push(
    await gateway.startDemoGateway(state, {
      issuer,
      musicApi: musicApi.url,
      port,
      managementPort,
    }),
  );
  await whoAsksFirst();
  const player = await import('@tessera/example-web-player');
  const webPlayer = await player.startWebPlayer({
    host: '127.0.0.1',
    port: ports.player,
    issuer,
    musicApi: musicApi.url,
    clientId: state.public_client.client_id,
    scopes: ['user-read-private', 'user-read-email', 'playlist-read-private'],
    audience: state.resources.music,
    shortAudience: state.resources.music_short,
    home: issuer,
  });
  open.push(webPlayer);
}

async function mountDemoPages({ tessera, state, mailbox }: Demo, ports: Ports): Promise<void> {
  const [musicApi, player] = [loopback(ports.music), loopback(ports.player)];
  await mountPublicPages(tessera);
  registerMailbox(tessera.app, { issuer: tessera.issuer, mailbox });
  const { confidential_client, public_client, account, resources, track_id } = state;
  registerAccessTokenPage(tessera.app, {
    demo: {
      issuer: tessera.issuer,
      musicApi,
      shortPath: '/short/v1',
      player,
      confidentialClient: { id: confidential_client.client_id, secret: confidential_client.client_secret },
      publicClient: { id: public_client.client_id, redirectUri: `${player}/callback` },
      account,
      resources: { music: resources.music, musicShort: resources.music_short },
      trackId: track_id,
    },
    fetch,
    getProfileSource: getProfileSource(musicApi),
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
