/** Runs the demo for the pages: as a reader does, with free ports and a directory of its own. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertFree } from '../../packages/server/src/startup/listen.ts';
import { startDemo } from '../demo-process.ts';
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
const LINKED = ['package.json', 'node_modules', 'packages', 'examples', 'tools', 'docs', 'dist'];

/** @param others further documented addresses, each with what stands in for it */
export async function startReadersDemo(others: readonly (readonly [string, string])[] = []): Promise<Demo> {
  const above = mkdtempSync(join(tmpdir(), 'tessera-docs-'));
  const directory = join(above, 'tessera');
  mkdirSync(directory);
  for (const name of LINKED) symlinkSync(join(root, name), join(directory, name));
  const metricsPort = await assertFree('127.0.0.1', 0);
  const readersPort = await assertFree('127.0.0.1', 0);
  const readersGatewayPort = await assertFree('127.0.0.1', 0);
  // What how-to/let-apps-register-themselves.md starts the demo with.
  const environment = {
    TESSERA_DYNAMIC_REGISTRATION: 'initial_token',
    TESSERA_OUTBOUND_ALLOW_HOSTS: `localhost:${readersPort}`,
  };
  const demo = await startDemo('./data', { workingDirectory: directory, metricsPort, environment });
  mkdirSync(join(above, 'secrets'));
  const places: readonly (readonly [RegExp | string, string])[] = [
    [/\b4400\b/g, new URL(demo.issuer).port],
    [/\b4410\b/g, new URL(demo.musicApi).port],
    [/\b4420\b/g, new URL(demo.gateway).port],
    [/\b4430\b/g, new URL(demo.player).port],
    [/\b4490\b/g, `${metricsPort}`],
    [/\b5000\b/g, `${readersPort}`],
    [/\b5001\b/g, `${readersGatewayPort}`],
    [/\/var\/lib\/tessera\b/g, join(above, 'production')],
    ['/run/secrets', join(above, 'secrets')],
    ...others,
  ];
  return {
    printed: demo.output,
    directory,
    account: demo.state.account,
    address: (text) => places.reduce((changed, [from, to]) => changed.replaceAll(from, to), text),
    async close() {
      await demo.stop();
      rmSync(above, { recursive: true, force: true });
    },
  };
}

/** The environment of a reader: nothing that tells Tessera or npm where anything is. */
export function plainEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(TESSERA_|npm_|NODE_OPTIONS|VITEST|NODE_ENV)/.test(entry[0]),
  );
  // What is at hand is not asked for again: the pages install the same packages one after the other.
  return { ...Object.fromEntries(kept), NO_COLOR: '1', npm_config_prefer_offline: 'true' };
}
