/** `npm run bench`: Tessera beside its peer, as ratios. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { readOptions, USAGE } from './options.ts';
import type { Result } from './row.ts';
import { catRows } from './rows/cat.ts';
import { gatewayRows } from './rows/gateway.ts';
import { httpRows } from './rows/http.ts';
import { listRows } from './rows/lists.ts';
import { memoryRow } from './rows/memory.ts';
import { postgresRows } from './rows/postgres.ts';
import { readyRows } from './rows/ready.ts';
import { revocationRows } from './rows/revocation.ts';
import { storedTokensRows } from './rows/stored-tokens.ts';
import { tokenCheckRows } from './rows/token-checks.ts';
import { verifierRows } from './rows/verifier.ts';
import { formatTable } from './table.ts';

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(USAGE);
} else {
  const rows = [
    ...httpRows,
    ...verifierRows,
    ...tokenCheckRows,
    ...catRows,
    ...revocationRows,
    ...gatewayRows,
    ...listRows,
    ...postgresRows,
    ...storedTokensRows,
    ...readyRows,
    memoryRow,
  ].filter((row) => row.name.includes(options.only));
  const machine = `Node.js ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
  process.stderr.write(
    `${machine}; peer oidc-provider 9.13.3, in memory; 32 connections; median of ${options.runs}\n`,
  );
  const results: [string, Result][] = [];
  for (const row of rows) {
    process.stderr.write(`  ${row.name} …\n`);
    results.push([row.name, await row.measure(options)]);
  }
  process.stdout.write(formatTable(results));
  if (options.json !== undefined) {
    const figures = Object.fromEntries(results.map(([name, { figures: of, met }]) => [name, { ...of, met }]));
    writeFileSync(
      options.json,
      `${JSON.stringify({ machine, runs: options.runs, seconds: options.seconds, figures }, undefined, 2)}\n`,
    );
  }
}
