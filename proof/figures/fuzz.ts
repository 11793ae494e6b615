// R5: requests by grammar and by mutation, at every endpoint, with credentials that are good, bad or missing.
import { Agent } from 'node:http';
import { startProgram } from '../../bench/program.ts';
import { type Outcome as Answer, NO_ANSWER, sendBroken } from '../../test/broken-request.ts';
import { apiSamples, oauthSamples, pageSamples } from '../../test/fuzz-samples.ts';
import {
  asItIs,
  breakSample,
  type Broken,
  createDice,
  type Dice,
  pick,
  type Sample,
} from '../../test/mutations.ts';
import { NoScriptBrowser } from '../../test/no-script-browser.ts';
import { type Called, requestToken, signInAndConsent, tokensOf } from '../../test/oauth-calls.ts';
import { MUSIC } from '../../test/registrations.ts';
import { quantile } from '../bounds.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { learn, type Operation, operationsOf, type Pool, sampleOf } from './fuzz/grammar.ts';
import type { Member, Target } from './fuzz/program.ts';
import { gatewayRequests, managementRequests, oauthEndpoints, pages } from './fuzz/samples.ts';

const BATCH = 2000;
const AT_ONCE = 8;
const HANG_MS = 10_000;

export const fuzz: Figure = {
  id: 'R5',
  claim:
    'broken requests: no answer is the fault of the server (5xx), none hangs, no restart, memory grows by less than 10 %',
  method: `Requests that are accepted, of every endpoint of the server and of a gateway, are broken in one place: parameters deleted, emptied, retyped, doubled, oversized, bytes changed, other headers, paths and methods. Those of the admin and account API are made from their OpenAPI descriptions, about things that were made on the way. Each has credentials that are good, of somebody else, bad or missing. A hang is an answer that takes more than ${HANG_MS / 1000} s. Memory is what the process holds in the second and in the last fifth of the run. A run is repeated by its seed.`,
  trial: 'request',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 400, usual: 200_000 },
  measure,
};

interface Aimed {
  readonly base: string;
  readonly sample: Sample;
  readonly operation?: Operation;
}

type Server = Called & { readonly issuer: string; newBrowser(): NoScriptBrowser };

async function measure({ ground, rounds, seed, tell }: Settings): Promise<Outcome> {
  const program = startProgram(new URL('fuzz/program.ts', import.meta.url));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const target = await program.call<Target>('start', ground);
    const server: Server = { ...target, newBrowser: () => new NoScriptBrowser(target.base, target.issuer) };
    const operations = await describedOperations(target);
    const [dice, pool, failures]: [Dice, Pool, Failures] = [createDice(seed), new Map(), new Failures()];
    const counts = new Map<number, number>();
    const [times, resident]: [number[], number[]] = [[], []];
    for (let sent = 0; sent < rounds; sent += BATCH) {
      // oxlint-disable no-await-in-loop -- fresh samples for each batch
      await program.call('advance', 61_000);
      const member = await program.call<Member>('newMember');
      const adminToken = await program.call<string>('adminToken');
      const aimed = await samplesOf(server, target, { adminToken, member, id: `f${seed}-${sent}` });
      const credentials = credentialsOf(adminToken, member);
      const batch = Array.from({ length: Math.min(BATCH, rounds - sent) }, () => {
        const one =
          dice(2) === 0 ? pick(aimed, dice) : described(target, operations, pool, credentials, dice);
        // Some are sent as they are: what is not broken must not break the server either.
        const broken = dice(8) === 0 ? asItIs(one.sample) : breakSample(one.sample, dice);
        return { ...one, broken };
      });
      const asked = await sendAll(batch, agent, times);
      asked.forEach(({ sample, operation, broken, answer }, index) => {
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        if (operation !== undefined && answer.status === 201) learn(pool, operation, answer.text);
        if (!isFault(answer)) return;
        const { status, text } = answer;
        failures.add([`${sent + index}: ${sample.name}, ${broken.how}: ${status} ${text.slice(0, 200)}`]);
      });
      for (const line of await program.call<readonly string[]>('errors'))
        failures.add([`logged: ${line.slice(0, 500)}`]);
      resident.push(await program.call<number>('residentBytes'));
      await liftPolicies(target, adminToken);
      // oxlint-enable no-await-in-loop
      if ((sent / BATCH) % 10 === 9) tell(`${sent + BATCH} of ${rounds}, ${failures.failed} failed`);
    }
    return {
      trials: rounds,
      failed: failures.failed,
      failures: failures.told,
      ...measured(counts, times, resident, rounds),
    };
  } finally {
    agent.destroy();
    await program.stop();
  }
}

function measured(
  counts: ReadonlyMap<number, number>,
  times: readonly number[],
  resident: readonly number[],
  rounds: number,
): Pick<Outcome, 'figures' | 'limits'> {
  const fifth = (from: number): number => {
    const part = resident.slice(
      Math.floor((resident.length * from) / 5),
      Math.ceil((resident.length * (from + 1)) / 5),
    );
    return part.reduce((sum, bytes) => sum + bytes, 0) / part.length;
  };
  const count = (from: number, to: number): number =>
    [...counts].reduce((sum, [status, often]) => (status >= from && status < to ? sum + often : sum), 0);
  const figures = {
    accepted: count(200, 400),
    refused: count(400, 500),
    closed: count(0, 1),
    p99Ms: Math.round(quantile(times, 0.99)),
    slowestMs: Math.round(quantile(times, 1)),
    residentMiB: Math.round(fifth(4) / 2 ** 20),
    residentGrowthPercent: Math.round((fifth(4) / fifth(1) - 1) * 1000) / 10,
  };
  // A short run is all warming up.
  const isLong = rounds >= 50_000;
  return { figures, limits: isLong ? [{ figure: 'residentGrowthPercent', most: 10 }] : [] };
}

/** An administrator who does anything at all also blocks everybody, sooner or later; the next batch has to sign in. */
async function liftPolicies({ base }: Target, adminToken: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const answer = await fetch(`${base}/admin/v1/policies`, { headers });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a list of ours
  const { items } = (await answer.json()) as {
    readonly items: readonly { readonly id: string; readonly mode: string }[];
  };
  for (const { id, mode } of items) {
    if (mode !== 'enforce') continue;
    // oxlint-disable-next-line no-await-in-loop -- each changes what the next is judged by
    await fetch(`${base}/admin/v1/policies/${id}`, { method: 'DELETE', headers });
  }
}

async function describedOperations({ base, adminToken }: Target): Promise<readonly Operation[]> {
  const documents = await Promise.all(
    ['/admin/v1', '/account/v1'].map(async (api) => {
      const answer = await fetch(`${base}${api}/openapi.json`, {
        headers: { authorization: `Bearer ${adminToken}` },
      });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a description of ours
      return (await answer.json()) as Readonly<Record<string, unknown>>;
    }),
  );
  return documents.flatMap((document) => operationsOf(document));
}

type Credentials = Readonly<Record<'admin' | 'account', readonly Readonly<Record<string, string>>[]>>;

const repeated = (good = {}): readonly Readonly<Record<string, string>>[] =>
  Array.from({ length: 6 }, () => good);

/** More often good than not, or nothing would be found behind the door. */
function credentialsOf(adminToken: string, { token }: Member): Credentials {
  const [administrator, member] = [adminToken, token].map((good) => ({ authorization: `Bearer ${good}` }));
  const bad = [{}, { authorization: `Bearer ${token}x` }, { authorization: 'Basic eDp5' }];
  return {
    admin: [...repeated(administrator), member ?? {}, ...bad],
    // Nobody breaks the administrator's own account: it is needed to the end.
    account: [...repeated(member), ...bad],
  };
}

function described(
  { base }: Target,
  operations: readonly Operation[],
  pool: Pool,
  credentials: Credentials,
  dice: Dice,
): Aimed {
  const operation = pick(operations, dice);
  const headers = pick(credentials[operation.path.startsWith('/admin') ? 'admin' : 'account'], dice);
  return { base, operation, sample: sampleOf(operation, pool, headers, dice) };
}

interface Makings {
  readonly adminToken: string;
  readonly member: Member;
  readonly id: string;
}

const aim = (at: string, samples: readonly Sample[]): readonly Aimed[] =>
  samples.map((sample) => ({ base: at, sample }));

async function samplesOf(
  server: Server,
  target: Target,
  { adminToken, member, id }: Makings,
): Promise<readonly Aimed[]> {
  const { base, gateway, management } = target;
  const browser = server.newBrowser();
  const whose = { ...server, person: member.person };
  await signInAndConsent(whose, browser, { parameters: { scope: 'openid catalog-read' } });
  const fuzzed = { server: whose, browser, adminToken };
  const own = [
    ...(await oauthSamples(fuzzed)),
    ...(await pageSamples(fuzzed)),
    ...(await apiSamples(fuzzed, id)),
    ...oauthEndpoints(target),
    ...pages(browser, target),
  ];
  const form = { grant_type: 'client_credentials', resource: MUSIC };
  const { accessToken } = tokensOf(await requestToken(server, form, server.clients.confidential));
  return [
    ...aim(base, own),
    ...aim(gateway, gatewayRequests(accessToken)),
    ...aim(management, managementRequests()),
  ];
}

type Broke = Aimed & { readonly broken: Broken };
type Asked = Broke & { readonly answer: Answer };

async function sendAll(batch: readonly Broke[], agent: Agent, times: number[]): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const lane = async (first: number): Promise<void> => {
    for (const [index, one] of batch.entries()) {
      if (index % AT_ONCE !== first) continue;
      const startedAt = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one after the other in each lane
      const answer = await sendBroken(one.base, one.broken, HANG_MS, agent).catch(closed);
      times.push(performance.now() - startedAt);
      asked[index] = { ...one, answer };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => lane(first)));
  return asked;
}

/** What cannot be parsed may be refused by closing; a hang may not. */
const closed = (error: unknown): Answer => ({ status: 0, text: String(error) });

const isFault = ({ status, text }: Answer): boolean => status >= 500 || text.includes(NO_ANSWER);
