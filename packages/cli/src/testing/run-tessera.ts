/** Runs the real command as people do: a process of its own, with nothing of the developer's environment. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/tessera.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with everything on stderr so far, each time there is more. */
  readonly onMessage?: (stderr: string) => void;
}

/** A home directory of its own: nobody is signed in, and there is no server of this machine. */
export function newHome(): Readonly<Record<string, string>> {
  const home = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  return { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), TESSERA_DATA_DIR: join(home, 'data') };
}

export function runTessera(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { environment = newHome(), input = '', onMessage } = options;
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...environment },
    cwd: environment['HOME'] ?? tmpdir(),
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    onMessage?.(stderr);
  });
  // A command that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
