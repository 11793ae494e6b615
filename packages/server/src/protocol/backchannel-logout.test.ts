// What becomes of many notices at once. The token itself, and one sign-out: test/flows/logout.test.ts.
import { describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import type { LogoutNotice } from '../domain/logout-notice.ts';
import { createTraffic, TRAFFIC_LIMITS } from '../outbound/traffic.ts';
import type { LogoutNotices } from '../ports/logout-notices.ts';
import { type Outbound, OutboundRefusal } from '../ports/outbound.ts';
import { createBackchannelLogout } from './backchannel-logout.ts';

const AT = 1_900_000_000_000;
const MINUTE = 60_000;

type Waiting = LogoutNotice & { attempts: number; dueAt: number };

function appOf(id: string, registeredBy: Client['registeredBy']): Client {
  const metadata = { backchannel_logout_uri: `https://${id}.example/` };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read of it
  return { id, status: 'active', registeredBy, metadata } as unknown as Client;
}

/** Notices for each app, all due at once; told of by `post`. */
function house(
  counts: Readonly<Record<string, number>>,
  post: (url: string) => Promise<number>,
  registeredBy: Client['registeredBy'] = 'operator',
) {
  let now = AT;
  const waiting = new Set<Waiting>();
  for (const [clientId, count] of Object.entries(counts)) {
    for (let index = 0; index < count; index += 1) {
      waiting.add({ sid: `${clientId}-${index}`, clientId, userId: 'ada', attempts: 0, dueAt: AT });
    }
  }
  const find = ({ sid }: LogoutNotice): Waiting | undefined => [...waiting].find((one) => one.sid === sid);
  const setDue = (notice: LogoutNotice, until: number, attempts: number): void => {
    const found = find(notice);
    if (found !== undefined) Object.assign(found, { dueAt: until, attempts: found.attempts + attempts });
  };
  const logoutNotices: LogoutNotices = {
    async claim({ at, retryAt, limit, except = [] }) {
      const due = [...waiting].filter(({ dueAt, clientId }) => dueAt <= at && !except.includes(clientId));
      return due.slice(0, limit).map((one) => {
        one.attempts += 1;
        one.dueAt = retryAt;
        return { ...one };
      });
    },
    async drop(notice) {
      const found = find(notice);
      if (found !== undefined) waiting.delete(found);
    },
    postpone: async (notice, until) => setDue(notice, until, 0),
    giveBack: async (notice, until) => setDue(notice, until, -1),
  };
  const given: LogoutNotice[] = [];
  const outbound = (name: string): Pick<Outbound, 'post'> => ({
    post: async (url) => ({
      status: await post(`${name} ${url}`),
      headers: new Headers(),
      body: Buffer.of(),
    }),
  });
  const logout = createBackchannelLogout({
    issuer: 'https://id.example',
    logoutNotices,
    clients: { find: async (id) => appOf(id, registeredBy) },
    outbound: outbound('known'),
    outboundToStrangers: outbound('stranger'),
    keyRing: { signElsewhere: async () => 'token' },
    subjectOf: (userId: string) => userId,
    clock: () => now,
    random: (size) => new Uint8Array(size),
    undelivered: (notice, last) => {
      if (last) given.push(notice);
    },
  });
  return {
    ofAll: () => logout.ofAll(),
    waiting,
    given,
    later: (milliseconds: number) => (now += milliseconds),
    now: () => now,
  };
}

describe('notices of many sign-outs at once', () => {
  it('are all sent at once to an app that takes them', async () => {
    const told: string[] = [];
    const { ofAll, waiting } = house({ shop: 300 }, async (url) => {
      told.push(url);
      return 200;
    });
    expect(await ofAll()).toBe(300);
    expect([waiting.size, told.length, new Set(told)]).toEqual([
      0,
      300,
      new Set(['known https://shop.example/']),
    ]);
  });

  it('all arrive at an app that registered itself, though it is told of few in a minute', async () => {
    let told = 0;
    const traffic = createTraffic(TRAFFIC_LIMITS, () => now());
    const { ofAll, waiting, given, later, now } = house(
      { app: 200 },
      async (url) => {
        expect(url).toMatch(/^stranger /);
        const leave = traffic.enter(url);
        if (leave === undefined) throw new OutboundRefusal('busy');
        leave();
        told += 1;
        return 204;
      },
      'registration',
    );
    const counts: number[] = [];
    for (let turn = 0; turn < 90 && waiting.size > 0; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- as time goes on
      await ofAll();
      later(5000);
      if (turn % 12 === 11) counts.push(told);
    }
    expect([waiting.size, told, given]).toEqual([0, 200, []]);
    // No more than the limit in any minute of these.
    expect(
      counts.every((count, minute) => count <= TRAFFIC_LIMITS.rate!.perMinuteAndOrigin * (minute + 1)),
    ).toBe(true);
  });

  it('are given up after five tries of an app that refuses, without a word to the others', async () => {
    let refused = 0;
    const told: string[] = [];
    const { ofAll, waiting, given, later } = house({ broken: 20, shop: 20 }, async (url) => {
      if (url.includes('broken')) {
        refused += 1;
        return 500;
      }
      told.push(url);
      return 200;
    });
    await ofAll();
    expect([told.length, waiting.size]).toEqual([20, 20]);
    for (let turn = 0; turn < 6; turn += 1) {
      later(70 * MINUTE);
      // oxlint-disable-next-line no-await-in-loop -- as time goes on
      await ofAll();
    }
    expect([refused, waiting.size, given.length]).toEqual([100, 0, 20]);
  });
});
