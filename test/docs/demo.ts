/** Runs the demo for the pages: the command a reader types, with free ports and a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './markdown.ts';

export interface Demo {
  /** What the demo printed until it was ready. */
  readonly printed: string;
  /** Stands in for a fresh clone: the repository by links, and `data` of this demo. */
  readonly directory: string;
  readonly account: { readonly email: string; readonly password: string };
  /** A page's text with the addresses of this demo in place of the documented ones. */
  readonly address: (text: string) => string;
  close(): Promise<void>;
}

/** What of the repository a reader's commands touch. */
const LINKED = ['package.json', 'node_modules', 'packages', 'examples', 'tools', 'docs', 'dist', 'bench'];

export async function startDemo(): Promise<Demo> {
  const above = mkdtempSync(join(tmpdir(), 'tessera-docs-'));
  const directory = join(above, 'tessera');
  mkdirSync(directory);
  for (const name of LINKED) symlinkSync(join(root, name), join(directory, name));
  const metricsPort = await freePort();
  const ports = [
    '--port',
    '0',
    '--music-port',
    '0',
    '--player-port',
    '0',
    '--metrics-port',
    `${metricsPort}`,
  ];
  const command = ['packages/cli/bin/tessera.js', 'start', ...ports, '--data', './data'];
  const child = spawn(process.execPath, command, { cwd: directory, env: plainEnvironment() });
  const printed = await readUntil(child, 'Stop: Ctrl-C');
  const issuer = /http:\/\/localhost:(\d+) {3}/.exec(printed)?.[1];
  const music = /music API {2}:(\d+)/.exec(printed)?.[1];
  const player = /player http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
  if (issuer === undefined || music === undefined || player === undefined) {
    throw new Error(`The demo printed no addresses:\n${printed}`);
  }
  const free = await freePort();
  const places: readonly (readonly [RegExp, string])[] = [
    [/\b4400\b/g, issuer],
    [/\b4410\b/g, music],
    [/\b4430\b/g, player],
    [/\b4490\b/g, `${metricsPort}`],
    [/\b5000\b/g, `${free}`],
    [/\/var\/lib\/tessera\b/g, join(above, 'production')],
  ];
  const { account } = JSON.parse(readFileSync(join(directory, 'data/demo.json'), 'utf8')) as Pick<
    Demo,
    'account'
  >;
  return {
    printed,
    directory,
    account,
    address: (text) => places.reduce((changed, [from, to]) => changed.replace(from, to), text),
    async close() {
      await stop(child);
      rmSync(above, { recursive: true, force: true });
    },
  };
}

/** The environment of a reader: nothing that tells Tessera where anything is, and the Node that runs the tests. */
export function plainEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(TESSERA_|npm_|NODE_OPTIONS|VITEST|NODE_ENV)/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}

/** What a child has printed once `text` is in it. Rejects when it ends before. */
export async function readUntil(child: ChildProcess, text: string): Promise<string> {
  let out = '';
  let errors = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => void (errors += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes(text)) resolve(out);
    });
    child.once('exit', (code) => reject(new Error(`It ended with ${code}:\n${out}\n${errors}`)));
  });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<unknown>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
