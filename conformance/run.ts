// `node conformance/run.ts --issuer URL --hooks FILE`: every check against any server, and what came out.
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CHECKS } from './checks/index.ts';
import { type CheckResult, runCheck } from './harness/check.ts';
import type { Hooks } from './harness/hooks.ts';
import { openTarget } from './harness/target.ts';
import { inOrder } from './results.ts';

const USAGE = `node conformance/run.ts --issuer URL --hooks FILE [--only ID,ID] [--json]

  --issuer  the issuer, as its metadata name it
  --hooks   a module whose default export gives the hooks: see conformance/README.md
  --only    ids, or beginnings of ids, of the checks to run
  --json    one JSON object for each check
`;

const { values } = parseArgs({
  options: {
    issuer: { type: 'string' },
    hooks: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What a module of hooks exports: all but the issuer. */
type HooksOf = (issuer: string) => Omit<Hooks, 'issuer'> | Promise<Omit<Hooks, 'issuer'>>;

async function main({ issuer, hooks: file, only, json }: typeof values): Promise<number> {
  if (issuer === undefined || file === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { default: hooksOf } = (await import(pathToFileURL(file).href)) as { readonly default: HooksOf };
  const target = await openTarget({ hooks: { ...(await hooksOf(issuer)), issuer } });
  const wanted = only?.split(',');
  const checks = inOrder(CHECKS).filter(
    ({ id }) => wanted === undefined || wanted.some((begin) => id.startsWith(begin)),
  );
  const results: CheckResult[] = [];
  for (const check of checks) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they share a server
    const result = await runCheck(check, target);
    results.push(result);
    const { id, outcome, note } = result;
    console.log(
      json
        ? JSON.stringify({ ...result, title: check.title, source: check.source })
        : line(id, outcome, note),
    );
  }
  const of = (outcome: CheckResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const failed = of('failed') + of('broken');
  console.error(`${of('passed')} passed, ${failed} failed, ${of('not offered')} not offered`);
  return failed === 0 ? 0 : 1;
}

function line(id: string, outcome: string, note: string | undefined): string {
  return `${outcome.padEnd(12)}${id}${note === undefined ? '' : `: ${note}`}`;
}

process.exitCode = await main(values);
