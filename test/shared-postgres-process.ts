/**
 * Gives out databases of one PostgreSQL, which starts when the first is asked for. They are copies of one in which the
 * migrations have run; what migrations do is tested beside them. Ends when its standard input does.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file of tests opens fewer than a hundred, and two of them run at a time. */
const CONNECTIONS = 300;

interface SharedPostgres {
  /** @returns its URL */
  create(): Promise<string>;
  drop(url: string): Promise<void>;
  stop(): Promise<void>;
}

async function startShared(): Promise<SharedPostgres> {
  const [{ Client }, { startPostgres }, { openStore }] = await Promise.all([
    import('pg'),
    import('./postgres.ts'),
    import('../packages/server/src/store/open-store.ts'),
  ]);
  const postgres = await startPostgres({ connections: CONNECTIONS });
  const migrated = await postgres.createDatabase();
  const store = await openStore({ url: migrated });
  await store.close();
  const client = new Client(sibling(migrated, 'postgres'));
  await client.connect();
  let copies = 0;
  return {
    async create() {
      copies += 1;
      const name = `copy_${copies}`;
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${nameIn(migrated)}`);
      return sibling(migrated, name);
    },
    async drop(url) {
      await client.query(`DROP DATABASE ${nameIn(url)} WITH (FORCE)`);
    },
    async stop() {
      await client.end();
      await postgres.stop();
    },
  };
}

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1);
}

function sibling(url: string, name: string): string {
  return new URL(`/${name}`, url).href;
}

let shared: Promise<SharedPostgres> | undefined;

async function answer(request: IncomingMessage): Promise<string> {
  shared ??= startShared();
  const postgres = await shared;
  if (request.method === 'POST') return postgres.create();
  await postgres.drop((await request.setEncoding('utf8').toArray()).join(''));
  return '';
}

const door = createServer((request, response) => {
  answer(request).then(
    (text) => response.end(text),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
await once(door.listen(0, '127.0.0.1'), 'listening');
process.stdout.write(`http://127.0.0.1:${(door.address() as AddressInfo).port}/\n`);
await once(process.stdin.resume(), 'end');
door.close();
door.closeAllConnections();
await (await shared)?.stop();
process.exit();
