/** From exec to ready: the demo's second start, as the command line does it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assertFree } from '../../packages/server/src/startup/listen.ts';
import type { Options } from '../options.ts';
import { seedSqlite } from '../seed.ts';
import type { Result, Row } from '../row.ts';
import { spreadOf } from '../statistics.ts';

const TESSERA = fileURLToPath(new URL('../../packages/cli/bin/tessera.js', import.meta.url));
const TARGET_MS = 1000;
const FULL_TARGET_MS = 1500;
const PATIENCE_MS = 60_000;
const POLL_MS = 5;

export const readyRows: readonly Row[] = [
  { name: 'ready, second start', measure: (options) => measure(options, 0, TARGET_MS) },
  {
    name: 'ready, many tokens stored',
    measure: (options) => measure(options, options.storedTokens, FULL_TARGET_MS),
  },
];

async function measure({ runs }: Options, storedTokens: number, targetMs: number): Promise<Result> {
  const data = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  try {
    await startOnce(data);
    if (storedTokens > 0) seedSqlite(join(data, 'tessera.db'), storedTokens);
    const starts: number[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    for (let round = 0; round < runs; round += 1) starts.push(await startOnce(data));
    const milliseconds = spreadOf(starts);
    const { median, lowest, highest } = milliseconds;
    return {
      ours: `${Math.round(median)} ms (${Math.round(lowest)}–${Math.round(highest)})`,
      target: `< ${targetMs} ms${storedTokens > 0 ? `, ${storedTokens.toLocaleString('en')} tokens` : ''}`,
      met: median < targetMs,
      figures: { milliseconds, storedTokens },
    };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** @returns milliseconds from exec to the first 200 of /health/ready */
async function startOnce(data: string): Promise<number> {
  const port = await assertFree('127.0.0.1', 0);
  const others = ['--music-port', '--gateway-port', '--player-port', '--metrics-port'].flatMap((name) => [
    name,
    '0',
  ]);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [TESSERA, 'start', '--port', String(port), ...others, '--data', data],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null || performance.now() - startedAt > PATIENCE_MS)
        throw new Error('the demo did not start');
      await wait(POLL_MS);
    }
    return performance.now() - startedAt;
  } finally {
    await stop(child);
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/health/ready' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
