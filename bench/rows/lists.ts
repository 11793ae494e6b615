/**
 * Every list of the admin and account APIs with 1 000 people, 10 000 tokens and 100 000 audit events: the slowest of
 * five answers, over HTTP, at pages of 50 and 200, with and without filters.
 */
import { Client } from 'pg';
import { becomeCaller, type Caller, type CrowdSet, gather } from '../../test/crowd.ts';
import { startTestServer, type StoreKind } from '../../test/harness.ts';
import { listRoutes } from '../../test/list-routes.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../packages/server/src/domain/organization.ts';
import type { Options } from '../options.ts';
import type { Result, Row } from '../row.ts';
import { type Spread, spreadOf } from '../statistics.ts';

const FULL = { sets: 1000, tokens: 10_000, auditEvents: 100_000, refusals: 20_000 };
const QUICK = { sets: 100, tokens: 1000, auditEvents: 5000, refusals: 1000 };
const TARGET_MS = 100;
const TRIES = 5;
/** So many of the slowest are told, each with the middle of its processor time, and the middle and the worst of its time. */
const SHOWN = 20;

export const listRows: readonly Row[] = (['sqlite', 'postgres'] as const).map((store) => ({
  name: `lists, worst of ${TRIES}, ${store}`,
  measure: (options) => measure(options, store),
}));

async function measure({ runs }: Options, store: StoreKind): Promise<Result> {
  const server = await startTestServer({ store, config: { log_level: 'error' } });
  try {
    const caller = await becomeCaller(server);
    const [set] = await gather(server, caller, runs === 1 ? QUICK : FULL);
    if (set === undefined) throw new Error('nobody is there');
    // As the database does by itself, within a minute of so many changes.
    if (store === 'postgres') await analyze(server.databaseUrl);
    const measured: [string, Answers][] = [];
    // oxlint-disable-next-line no-await-in-loop -- each answer has the machine to itself
    for (const path of await addressesOf(caller, set)) measured.push([path, await answers(caller, path)]);
    measured.sort(([, one], [, other]) => other.wall.highest - one.wall.highest);
    for (const [path, { wall, processor }] of measured.slice(0, SHOWN)) {
      const figures = [processor.median, wall.median, wall.highest].map((ms) => ms.toFixed(1).padStart(7));
      process.stderr.write(`   ${figures.join('')} ms  ${path}\n`);
    }
    const highest = measured[0]?.[1].wall.highest ?? 0;
    return {
      ours: `${highest.toFixed(1)} ms (${measured.length} requests)`,
      target: `< ${TARGET_MS} ms`,
      met: highest < TARGET_MS,
      figures: Object.fromEntries(
        measured.flatMap(([path, { wall, processor }]) => [
          [path, wall],
          [`${path} processor`, processor],
        ]),
      ),
    };
  } finally {
    await server.close();
  }
}

async function analyze(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

/** Lists as they are asked for: whole, and by each filter that is a name of something, both for much and for nothing. */
async function addressesOf(caller: Caller, { user, clientId }: CrowdSet): Promise<readonly string[]> {
  const filterValues: Readonly<Record<string, readonly string[]>> = {
    type: ['sign_out', 'key.retired'],
    outcome: ['failure'],
    actor: [user.id, 'usr_nobody'],
    subject: [clientId, 'nobody'],
    client_id: [clientId, 'app_nobody'],
    user_id: [user.id, 'usr_nobody'],
    owner_id: [caller.user.id, 'usr_nobody'],
    organization_id: [DEFAULT_ORGANIZATION_ID, 'org_nobody'],
    request_id: ['req_none'],
    since: ['1', '4000000000'],
    until: ['1', '4000000000'],
    status: ['active', 'pending', 'revoked', 'live'],
    live: ['true'],
  };
  const routes = await listRoutes(caller);
  const asked = routes.flatMap(({ path, paged, filters }) => {
    const ids = [
      ['/organizations/', DEFAULT_ORGANIZATION_ID],
      ['/policies/', caller.policyId],
      ['/users/', user.id],
    ] as const;
    const id = ids.find(([part]) => path.includes(part))?.[1] ?? clientId;
    const address = path.replace('{id}', id);
    if (!paged) return [address];
    const filtered = filters.flatMap((name) =>
      (filterValues[name] ?? []).map((value) => `${address}?limit=200&${name}=${value}`),
    );
    return [`${address}?limit=50`, `${address}?limit=200`, ...filtered];
  });
  const known = await Promise.all(
    asked.map(async (path) => ((await caller.call('GET', path)).status === 200 ? [path] : [])),
  );
  return known.flat();
}

/** Milliseconds: until the answer was read, and what server and caller worked for it, whatever else the machine does. */
interface Answers {
  readonly wall: Spread;
  readonly processor: Spread;
}

async function answers(caller: Caller, path: string): Promise<Answers> {
  const wall: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < TRIES; round += 1) {
    const start = performance.now();
    const before = process.cpuUsage();
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    await caller.call('GET', path);
    const { user, system } = process.cpuUsage(before);
    wall.push(performance.now() - start);
    processor.push((user + system) / 1000);
  }
  return { wall: spreadOf(wall), processor: spreadOf(processor) };
}
