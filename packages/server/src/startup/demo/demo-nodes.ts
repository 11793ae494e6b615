/** Runs more nodes beside the demo's own, each a process on the same PostgreSQL, so that one can be stopped and watched. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { ConfigError } from '../../config.ts';
import type { MailTransport } from '../../mail/mail-transport.ts';
import type { DemoNode, DemoNodes } from '../../ports/demo-nodes.ts';
import type { DemoSettings } from './demo-config.ts';
import type { NodeOrder, NodeReport } from './demo-node.ts';

/** Of the node that runs in the demo's own process. */
export const FIRST_NODE = 'n1';

export interface DemoNodeSettings {
  readonly issuer: string;
  readonly settings: DemoSettings;
  /** Where the mails go that a node sends while it is on duty. */
  readonly mailbox: MailTransport;
}

export interface RunningDemoNodes extends DemoNodes {
  /** Lets go of all of them, and waits for their end. */
  close(): Promise<void>;
}

/** @throws ConfigError where several nodes cannot share the database */
export function requireSharedDatabase(nodes: number, databaseUrl: string): void {
  if (nodes < 2 || !databaseUrl.startsWith('sqlite:')) return;
  throw new ConfigError([
    'Several nodes need a database that they can share: set TESSERA_DATABASE_URL to a PostgreSQL, such as postgres://postgres@localhost/tessera',
  ]);
}

/** @param count of nodes in all, the demo's own included; none is started yet */
export function createDemoNodes(count: number, shared: DemoNodeSettings): RunningDemoNodes {
  const names = Array.from({ length: count - 1 }, (_, index) => `n${index + 2}`);
  const running = new Map<string, Child>();
  return {
    list: () => names.map((name): DemoNode => toNode(name, running.get(name))),
    async stop(name) {
      const child = running.get(name);
      if (child === undefined) return false;
      const ended = once(child.process, 'exit');
      child.process.kill('SIGKILL');
      await ended;
      return true;
    },
    async start(name) {
      if (!names.includes(name) || running.has(name)) return false;
      const child: Child = { process: forkNode(name, shared) };
      running.set(name, child);
      child.process.once('exit', () => running.delete(name));
      const url = await readyUrl(child.process, shared.mailbox);
      if (url === undefined) return false;
      child.url = url;
      return true;
    },
    async close() {
      const ends = [...running.values()].map(async ({ process }) => {
        const ended = once(process, 'exit');
        if (process.connected) process.disconnect();
        await ended;
      });
      await Promise.all(ends);
    },
  };
}

interface Child {
  readonly process: ChildProcess;
  /** Once it is ready. */
  url?: string;
}

function toNode(name: string, child: Child | undefined): DemoNode {
  return child?.url === undefined ? { name } : { name, url: child.url };
}

function forkNode(name: string, { issuer, settings }: DemoNodeSettings): ChildProcess {
  // Beside this file, which is TypeScript in the repository and JavaScript in the package.
  const extension = extname(import.meta.url);
  const program = new URL(`./demo-node${extension}`, import.meta.url);
  const child = fork(program, { execArgv: extension === '.ts' ? ['--conditions=@tessera/source'] : [] });
  child.send({ name, issuer, settings } satisfies NodeOrder);
  return child;
}

/** undefined: it ended before it was ready. */
function readyUrl(child: ChildProcess, mailbox: MailTransport): Promise<string | undefined> {
  const never = new AbortController().signal;
  return new Promise((resolve) => {
    child.on('message', (report: NodeReport) => {
      if ('url' in report) resolve(report.url);
      else void mailbox.send(report.mail, never);
    });
    child.once('exit', () => resolve(undefined));
  });
}
