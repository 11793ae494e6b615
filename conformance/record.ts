// `npm run conformance`: runs every check on Tessera and on the peer, and writes results.json and not-applicable.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { CHECKS } from './checks/index.ts';
import { type CheckResult, runCheck } from './harness/check.ts';
import type { Hooks } from './harness/hooks.ts';
import { openTarget } from './harness/target.ts';
import { startOidcProvider } from './peers/oidc-provider.ts';
import { inOrder, type Results } from './results.ts';
import { startTessera } from './tessera/hooks.ts';

const directory = `${import.meta.dirname}/`;

async function runAll(server: {
  readonly hooks: Hooks;
  close(): Promise<void>;
}): Promise<readonly CheckResult[]> {
  const target = await openTarget({ hooks: server.hooks });
  const results: CheckResult[] = [];
  for (const check of inOrder(CHECKS)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they share a server
    results.push(await runCheck(check, target));
  }
  await server.close();
  return CHECKS.flatMap(({ id }) => results.find((result) => result.id === id) ?? []);
}

function write(name: string, value: object): void {
  writeFileSync(`${directory}${name}`, `${JSON.stringify(value, null, 2)}\n`);
}

const tessera = await runAll(await startTessera());
const peer = await runAll(await startOidcProvider());
const old = JSON.parse(readFileSync(`${directory}not-applicable.json`, 'utf8')) as Readonly<
  Record<string, string>
>;
const missing = tessera.filter(({ outcome }) => outcome === 'not offered');
const ids = new Set(CHECKS.map(({ id }) => id));
// What the lists of others have and no check can be made of stays where it is.
const elsewhere = Object.entries(old).filter(([id]) => !ids.has(id));
write(
  'not-applicable.json',
  Object.fromEntries([
    ...missing.map(({ id, note = '' }) => [id, old[id] ?? `Not offered: ${note}.`] as const),
    ...elsewhere,
  ]),
);
const outcomes = (results: readonly CheckResult[]): Readonly<Record<string, string>> =>
  Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));
write('results.json', { tessera: outcomes(tessera), 'oidc-provider': outcomes(peer) } satisfies Results);
for (const [name, results] of Object.entries({ Tessera: tessera, 'oidc-provider': peer })) {
  const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'broken');
  console.log(`${name}: ${results.length - failed.length} of ${results.length} passed or not offered`);
  for (const { id, outcome, note } of failed) console.log(`  ${outcome} ${id}: ${note}`);
}
process.exit(tessera.some(({ outcome }) => outcome === 'failed' || outcome === 'broken') ? 1 : 0);
