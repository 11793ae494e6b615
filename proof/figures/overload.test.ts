// An answer that an overloaded server must not give is noticed, and in which second.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Durations, press, type Seen } from '../../bench/load/pressure.ts';
import { request } from '../../bench/load/overload.ts';
import { exceeded } from '../figure.ts';
import { outcomeOf } from './overload.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close().closeAllConnections();
});

/** A server that answers so, and how it looks to whoever presses it. */
async function pressed(status: number, headers: Record<string, string> = {}): Promise<Seen> {
  server = createServer((_request, response) => response.writeHead(status, headers).end('{}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const next = (): string => request('GET / HTTP/1.1');
  return press({ port: address.port, next, connections: 4, seconds: 0.05 });
}

const LENGTH = { 'content-length': '2' };

describe('pressure', () => {
  it.each([
    ['an answer', 200, LENGTH, { failed: 0, shed: 0 }, []],
    ['a 503 that says when', 503, { ...LENGTH, 'retry-after': '2' }, { failed: 0 }, []],
    ['a 503 that says nothing', 503, LENGTH, { shed: 0 }, ['503 without Retry-After']],
    ['a 500', 500, LENGTH, { shed: 0 }, ['an answer with 500']],
  ])('sees %s', async (_name, status, headers, expected, wrong) => {
    const seen = await pressed(status, headers);
    expect(seen).toMatchObject(expected);
    expect([...seen.wrong.values()]).toEqual(wrong);
    expect(seen.good.count > 0).toBe(status === 200);
    expect(seen.shed > 0).toBe(status === 503 && wrong.length === 0);
  });
});

describe('the outcome', () => {
  const seen = (more: Partial<Seen> = {}): Seen => {
    const good = new Durations();
    for (let count = 0; count < 100; count += 1) good.add(10);
    return { good, shed: 0, failed: 0, wrong: new Map(), ...more };
  };
  const outcome = (pressure: Seen, { health = seen(), quiet = seen(), rounds = 10 } = {}) =>
    outcomeOf(
      rounds,
      { peak: seen(), peakSeconds: 1, pressed: pressure, health: seen(), quiet: seen() },
      { passwords: seen(), health, quiet },
      0,
    );

  it('is no failure where the greedy are turned away', () => {
    expect(outcome(seen({ shed: 500 }))).toMatchObject({ trials: 10, failed: 0 });
  });

  it('is one for each second in which something broke, and where health is turned away', () => {
    const broken = seen({ failed: 3, wrong: new Map([[2, 'an answer with 500']]) });
    expect(outcome(broken, { health: seen({ shed: 1 }) }).failures).toEqual([
      'second 2: app: an answer with 500',
      'second 8: health was turned away 1 times',
    ]);
  });

  it('of a run that is long enough says how much was answered, and of the quiet that none was turned away', () => {
    const told = exceeded(outcome(seen(), { quiet: seen({ shed: 1 }), rounds: 60 }));
    expect(told.map((line) => line.split(' ', 1)[0])).toEqual(['goodputLossPercent', 'quietTurnedAway']);
  });
});
