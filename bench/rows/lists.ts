/**
 * Every list of the admin and account APIs with 1 000 people, 10 000 tokens and 100 000 audit events: the slowest of
 * five answers, over HTTP, at pages of 50 and 200, with and without filters.
 */
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
/** So many of the slowest are told, each with its best, its middle and its worst time. */
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
    const measured: [string, Spread][] = [];
    // oxlint-disable-next-line no-await-in-loop -- each answer has the machine to itself
    for (const path of await addressesOf(caller, set)) measured.push([path, await answers(caller, path)]);
    measured.sort(([, one], [, other]) => other.highest - one.highest);
    for (const [path, { lowest, median, highest }] of measured.slice(0, SHOWN)) {
      const figures = [lowest, median, highest].map((ms) => ms.toFixed(1).padStart(7)).join('');
      process.stderr.write(`   ${figures} ms  ${path}\n`);
    }
    const highest = measured[0]?.[1].highest ?? 0;
    return {
      ours: `${highest.toFixed(1)} ms (${measured.length} requests)`,
      target: `< ${TARGET_MS} ms`,
      met: highest < TARGET_MS,
      figures: Object.fromEntries(measured),
    };
  } finally {
    await server.close();
  }
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
    const id = path.includes('/organizations/') ? DEFAULT_ORGANIZATION_ID : clientId;
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

async function answers(caller: Caller, path: string): Promise<Spread> {
  const times: number[] = [];
  for (let round = 0; round < TRIES; round += 1) {
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    await caller.call('GET', path);
    times.push(performance.now() - start);
  }
  return spreadOf(times);
}
