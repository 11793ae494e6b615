// `tessera serve` as a process of its own, from its command line.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { newDataDirectory, ROOT } from './demo-process.ts';

const COMMAND = join(ROOT, 'packages/cli/bin/tessera.js');

export interface ServeProcess {
  readonly port: number;
  readonly metricsPort: number;
  readonly stderr: () => string;
  /** SIGTERM. Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Those that a test left running. */
export class ServeProcesses {
  readonly #started: ChildProcess[] = [];

  /** @param environment all it is given, but for PATH @throws Error with what it printed, where it ends */
  async start(environment: Readonly<Record<string, string>>): Promise<ServeProcess> {
    const child = spawn(process.execPath, [COMMAND, 'serve'], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    const ready = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', () => {
        const line = stdout()
          .split('\n')
          .find((text) => text.includes('"msg":"ready"'));
        if (line !== undefined) resolve(line);
      });
      child.once('close', () => reject(new Error(stdout() + stderr())));
    });
    const { port, metricsPort } = JSON.parse(ready) as { port: number; metricsPort: number };
    const stop = (): Promise<number | null> =>
      new Promise((resolve) => {
        child.once('close', resolve);
        child.kill('SIGTERM');
      });
    return { port, metricsPort, stderr, stop };
  }

  kill(): void {
    for (const child of this.#started.splice(0)) child.kill('SIGKILL');
  }
}

/** Any free ports, and SQLite in a directory. */
export function serveSettings(data = newDataDirectory()): Record<string, string> {
  return {
    TESSERA_ISSUER: 'http://localhost:4400',
    TESSERA_DATA_DIR: data,
    TESSERA_DATABASE_URL: `sqlite:${join(data, 'tessera.db')}`,
    TESSERA_PORT: '0',
    TESSERA_METRICS_PORT: '0',
    // A busy machine is not what is tried here.
    TESSERA_OVERLOAD_WAIT: '0',
  };
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
