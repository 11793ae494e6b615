// One node of a server as a process of its own, on the database that it is told. Ends when its input ends.
import type { Config } from '../packages/server/src/config.ts';
import { startNode } from './harness.ts';
import { createMovableClock } from './movable-clock.ts';

const { url, issuer, config, masterKey } = JSON.parse(process.env['TESSERA_TEST_NODE'] ?? '{}') as {
  readonly url: string;
  readonly issuer: string;
  readonly config?: Partial<Config>;
  /** Base64. */
  readonly masterKey: string;
};
const node = await startNode({
  store: 'postgres',
  url,
  issuer,
  ...(config && { config }),
  masterKey: Buffer.from(masterKey, 'base64'),
  clock: createMovableClock(),
  log: [],
});
process.stdin.resume().once('end', () => void node.close().then(() => process.exit(0)));
process.stdout.write(`${node.base}\n`);
