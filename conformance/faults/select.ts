// `node --conditions=@tessera/source conformance/faults/select.ts`: finds for each check a fault that makes it fail, the most particular one, and writes
// caught-by.json. What is in the file and still holds stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CHECKS } from '../checks/index.ts';
import { runCheck } from '../harness/check.ts';
import { openTarget } from '../harness/target.ts';
import { inOrder } from '../results.ts';
import { startTessera } from '../tessera/hooks.ts';
import { FAULTS, plant } from './index.ts';

const file = `${import.meta.dirname}/caught-by.json`;
const known = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, string>;
const tessera = await startTessera();
const good = await openTarget({ hooks: tessera.hooks });
const uses = new Map(
  FAULTS.map(({ id }) => [id, Object.values(known).filter((fault) => fault === id).length]),
);
const found: Record<string, string> = {};
for (const check of inOrder(CHECKS)) {
  // oxlint-disable-next-line no-await-in-loop -- they share a server
  if ((await runCheck(check, good)).outcome === 'not offered') continue;
  const candidates = FAULTS.toSorted((one, other) => {
    const preferred = (id: string): number => (known[check.id] === id ? -1e9 : (uses.get(id) ?? 0));
    return preferred(one.id) - preferred(other.id);
  });
  for (const fault of candidates) {
    // oxlint-disable-next-line no-await-in-loop -- they share a server
    const { outcome } = await runCheck(check, await plant(fault, good));
    if (outcome !== 'failed') continue;
    found[check.id] = fault.id;
    break;
  }
  if (found[check.id] === undefined) console.log(`Nothing makes ${check.id} fail`);
}
await tessera.close();
writeFileSync(
  file,
  `${JSON.stringify(Object.fromEntries(CHECKS.flatMap(({ id }) => (found[id] === undefined ? [] : [[id, found[id]]]))), null, 2)}\n`,
);
process.exit(0);
