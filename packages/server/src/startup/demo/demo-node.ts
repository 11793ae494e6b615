/** One more node of the demo, as a process of its own: it is told what to be, and ends with the demo. */
import type { MailMessage } from '../../domain/mail-message.ts';
import { createTessera } from '../../main.ts';
import { assertFree, listen } from '../listen.ts';
import { openParts } from '../run.ts';
import { demoConfig, type DemoSettings, ownHosts } from './demo-config.ts';

/** What it is told. */
export interface NodeOrder {
  readonly name: string;
  readonly issuer: string;
  readonly settings: DemoSettings;
}

/** What it tells: that it is ready, or a mail that it sent while it was on duty. */
export type NodeReport = { readonly url: string } | { readonly mail: MailMessage };

async function run({ name, issuer, settings }: NodeOrder): Promise<void> {
  const port = await assertFree('localhost', 0);
  const loaded = demoConfig({ ...settings, port }, { node_name: name });
  const parts = await openParts(loaded, issuer, { logLevel: 'error' });
  const mailbox = { send: async (mail: MailMessage) => report({ mail }) };
  const tessera = await createTessera({ ...parts, hosts: ownHosts(issuer, port), mailbox });
  const listening = await listen(tessera.app, 'localhost', port);
  process.removeListener('disconnect', end);
  process.once('disconnect', () => {
    void Promise.all([listening.close(), tessera.close()]).then(end, end);
  });
  report({ url: `http://localhost:${listening.port}` });
}

function report(told: NodeReport): void {
  process.send?.(told);
}

function end(): void {
  process.exit();
}

// Ctrl-C reaches the whole group of processes: the demo ends first, and its nodes after it.
process.on('SIGINT', () => {});
process.once('disconnect', end);
process.once('message', (order: NodeOrder) => {
  run(order).catch((error: unknown) => {
    process.stderr.write(`node ${order.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
});
