/** One PostgreSQL for all files of a test run: each test server borrows a database of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Where databases are given out; set for the processes of a test run. */
const DOOR = 'TEST_DATABASES';
const PROCESS = fileURLToPath(new URL('shared-postgres-process.ts', import.meta.url));

export interface BorrowedDatabase {
  readonly url: string;
  giveBack(): Promise<void>;
}

/** @returns undefined outside of a test run */
export async function borrowDatabase(): Promise<BorrowedDatabase | undefined> {
  const door = process.env[DOOR];
  if (door === undefined) return undefined;
  const url = await ask(door, { method: 'POST' });
  return { url, giveBack: async () => void (await ask(door, { method: 'DELETE', body: url })) };
}

async function ask(door: string, request: RequestInit): Promise<string> {
  const answer = await fetch(door, request);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The PostgreSQL of the test run: ${text}`);
  return text;
}

/** Called by vitest before the first file. @returns what it calls after the last one */
export default async function setUp(): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['--conditions=@tessera/source', PROCESS], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [door] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  process.env[DOOR] = door.trim();
  return async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
}
