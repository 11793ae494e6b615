/** Starts the demo as people do, as a process of its own on free ports, for tests that look at it from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as absolutePath } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = join(ROOT, 'packages/cli/bin/tessera.js');
const FREE_PORTS = ['--port', '0', '--music-port', '0', '--gateway-port', '0', '--player-port', '0'];

export interface DemoProcess {
  /** What was printed once it was ready. */
  readonly output: string;
  readonly issuer: string;
  readonly musicApi: string;
  readonly gateway: string;
  readonly player: string;
  readonly dataDirectory: string;
  /** `<data>/demo.json`. */
  readonly state: DemoFile;
  /** @param how as the process is told; gently unless given */
  stop(how?: NodeJS.Signals): Promise<void>;
}

export interface DemoFile {
  readonly account: { readonly email: string; readonly password: string };
  readonly confidential_client: { readonly client_id: string; readonly client_secret: string };
  readonly public_client: { readonly client_id: string };
  readonly track_id: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function newDataDirectory(): string {
  return join(mkdtempSync(join(tmpdir(), 'tessera-demo-')), 'data');
}

export interface StartSettings {
  /** The repository unless given. */
  readonly workingDirectory?: string;
  /** Any free one unless given. */
  readonly metricsPort?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** How many share the database. */
  readonly nodes?: number;
}

/** @throws Error with what it printed when it ends instead of becoming ready */
export async function startDemo(
  dataDirectory: string = newDataDirectory(),
  { workingDirectory = ROOT, metricsPort = 0, environment = {}, nodes = 1 }: StartSettings = {},
): Promise<DemoProcess> {
  const several = nodes === 1 ? [] : ['--nodes', `${nodes}`];
  const args = [
    'start',
    ...FREE_PORTS,
    ...several,
    '--metrics-port',
    `${metricsPort}`,
    '--data',
    dataDirectory,
  ];
  const child = spawnCommand(args, environment, workingDirectory);
  const output = await readyOutput(child);
  const issuer = /(http:\/\/localhost:\d+)   ← open this/.exec(output)?.[1] ?? '';
  const player = /player (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1] ?? '';
  const gatewayPort = /gateway :(\d+)/.exec(output)?.[1] ?? '';
  const musicPort = /music API {2}:(\d+)/.exec(output)?.[1] ?? '';
  return {
    output,
    issuer,
    player,
    musicApi: `http://127.0.0.1:${musicPort}`,
    gateway: `http://127.0.0.1:${gatewayPort}`,
    dataDirectory,
    state: JSON.parse(
      readFileSync(absolutePath(workingDirectory, dataDirectory, 'demo.json'), 'utf8'),
    ) as DemoFile,
    stop: (how) => stop(child, how),
  };
}

/** Runs a command that is expected to end by itself. */
export async function runCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawnCommand(args, environment);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: stdout(), stderr: stderr() };
}

function spawnCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  workingDirectory: string = ROOT,
): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_')),
  );
  return spawn(process.execPath, [COMMAND, ...args], {
    cwd: workingDirectory,
    env: { ...clean, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function readyOutput(child: ChildProcess): Promise<string> {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (stdout().includes('Stop: Ctrl-C')) resolve(stdout());
    });
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${stdout()}${stderr()}`)));
  });
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function stop(child: ChildProcess, how: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill(how);
  });
}
