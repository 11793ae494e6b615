import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../domain/client.ts';
import type { Ending } from '../domain/ending.ts';
import type { Resource } from '../domain/resource.ts';
import type { EndingPage } from '../ports/endings.ts';
import { createRevocationStreams, type RevocationStreams } from './revocation-stream.ts';

const NOW = 1_790_000_000_000;
const CLIENT = { id: 'api', status: 'active' } as Client;
const ended = (resourceId: string, byte: number): Ending => ({
  kind: 'token',
  at: NOW,
  expiresAt: NOW + 1500,
  tokenId: new Uint8Array(32).fill(byte),
  statusIndex: 131_072 + byte,
  resourceId,
});

/** Endings in memory; a place is the number of those before it. */
function world() {
  const all: Ending[] = [];
  const unlisted: Ending[] = [];
  const wakes = new Set<() => void>();
  const state = {
    reads: 0,
    served: ['mine'],
    forgotten: 0,
    placed: Number.POSITIVE_INFINITY,
    client: CLIENT,
  };
  const streams = createRevocationStreams({
    issuer: 'https://id.example',
    clock: () => NOW,
    clients: { find: async () => state.client },
    resources: { servedBy: async () => state.served.map((id) => ({ id }) as Resource) },
    endings: {
      head: async () => String(all.length),
      async after(cursor, limit): Promise<EndingPage | undefined> {
        state.reads += 1;
        if (!/^\d+$/.test(cursor) || Number(cursor) < state.forgotten) return undefined;
        const from = Number(cursor);
        const placed = all.map((each, index) => ({ ...each, cursor: String(index + 1) }));
        const endings = placed.slice(from, Math.min(from + limit, state.placed));
        const early = placed.slice(state.placed).toReversed().slice(0, limit);
        return { endings, cursor: String(from + endings.length), early };
      },
      unlisted: async () => unlisted,
      wakesAtOnce: true,
      onWritten(wake) {
        wakes.add(wake);
        return () => wakes.delete(wake);
      },
    },
  });
  const end = (...endings: Ending[]): void => {
    all.push(...endings);
    for (const wake of wakes) wake();
  };
  return { state, streams, unlisted, end, wakeForNothing: () => end() };
}

describe('the stream of what ended', () => {
  let open: RevocationStreams | undefined;
  afterEach(() => {
    open?.close();
    vi.useRealTimers();
  });
  const start = () => {
    const made = world();
    open = made.streams;
    return made;
  };
  const take = async (stream: AsyncGenerator<string, void, void>, count: number): Promise<string> => {
    let text = '';
    for (let taken = 0; taken < count; taken += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const next = await stream.next();
      text += next.value ?? '';
    }
    return text;
  };

  it('is refused to a client that serves no API', async () => {
    const { state, streams } = start();
    state.served = [];
    await expect(streams.open(CLIENT, undefined)).rejects.toMatchObject({ code: 'unauthorized_client' });
  });
  it('is refused once it is closed', async () => {
    const { streams } = start();
    streams.close();
    await expect(streams.open(CLIENT, undefined)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });
  it.each([
    ['nobody has been here before', undefined],
    ['the place is unknown', 'x'],
    ['the place is forgotten', '0'],
  ])('begins with a reset where %s, and tells again what no list tells', async (_what, after) => {
    const { state, streams, unlisted, end } = start();
    end(ended('mine', 1));
    state.forgotten = 1;
    unlisted.push({ ...ended('mine', 9) }, ended('other', 8));
    const text = await take(await streams.open(CLIENT, after), 3);
    expect(text.match(/^event: \w+$/gm)).toEqual(['event: reset', 'event: ended', 'event: live']);
    expect(text).toContain('id: 1\n');
  });
  it('says where it is, what ended, and when it has said everything', async () => {
    const { streams, end } = start();
    end(ended('mine', 1), ended('other', 2), { kind: 'grant', at: NOW, expiresAt: NOW, grantId: 'gra_1' });
    const token = Buffer.alloc(32, 1).toString('base64url');
    expect(await take(await streams.open(CLIENT, '0'), 3)).toBe(
      `retry: 1000\n\nid: 1\nevent: ended\ndata: {"token":"${token}","exp":1790000002,"status":{"uri":"https://id.example/status-lists/1","idx":1}}\n\n` +
        'id: 2\n\nid: 3\nevent: ended\ndata: {"grant":"gra_1","exp":1790000000}\n\nevent: live\nid: 3\ndata: {}\n\n',
    );
  });
  it('tells at once, and once, of what has no place yet; its place when it has one', async () => {
    const { state, streams, end } = start();
    const stream = await streams.open(CLIENT, '0');
    state.placed = 0;
    end(ended('mine', 1));
    const first = await take(stream, 2);
    expect(first).toContain(Buffer.alloc(32, 1).toString('base64url'));
    expect(first).toMatch(/event: live\nid: 0\n/);
    const next = stream.next();
    await new Promise(setImmediate);
    end(ended('mine', 2));
    const second = (await next).value ?? '';
    expect(second).toMatch(
      new RegExp(`^event: ended\ndata: {"token":"${Buffer.alloc(32, 2).toString('base64url')}`),
    );
    expect(second.match(/^event/gm)).toHaveLength(1);
    const last = stream.next();
    await new Promise(setImmediate);
    state.placed = 3;
    end(ended('mine', 3));
    expect((await last).value).toMatch(/^id: 1\n\nid: 2\n\nid: 3\nevent: ended\n/);
  });
  it('starts anew a reader that cannot be told all of what has no place yet, once', async () => {
    const { state, streams, end } = start();
    state.placed = 0;
    const many = (from: number): Ending[] =>
      Array.from({ length: 600 }, (_, index) => ({ ...ended('mine', 1), statusIndex: from + index }));
    end(...many(0));
    const stream = await streams.open(CLIENT, '0');
    // Of the oldest hundred nobody would tell before they have a place; whoever starts anew looks at the lists again.
    expect((await take(stream, 3)).match(/^event: (?:reset|live)$/gm)).toEqual([
      'event: reset',
      'event: live',
    ]);
    end(ended('mine', 2));
    expect((await take(stream, 1)).match(/^event: \w+$/gm)).toEqual(['event: ended']);
    end(...many(1000));
    expect((await take(stream, 2)).match(/^event: (?:reset|live)$/gm)).toEqual([
      'event: reset',
      'event: live',
    ]);
  });
  it('shows every five seconds that it is there, however often it is woken for nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { streams, wakeForNothing } = start();
    const stream = await streams.open(CLIENT, '0');
    await take(stream, 2);
    let beats = 0;
    const beat = async (): Promise<void> => {
      expect((await stream.next()).value).toBe('id: 0\n\n');
      beats += 1;
      if (beats < 3) await beat();
    };
    const beating = beat();
    for (let second = 0; second < 16; second += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await vi.advanceTimersByTimeAsync(1000);
      wakeForNothing();
    }
    await new Promise(setImmediate);
    expect(beats).toBe(3);
    await beating;
  });
  it('ends with its client, though the end of it has no place yet', async () => {
    const { state, streams, end } = start();
    const stream = await streams.open(CLIENT, '0');
    await take(stream, 2);
    state.placed = 0;
    state.client = { ...CLIENT, status: 'disabled' };
    end({ kind: 'client', at: NOW, expiresAt: NOW, clientId: 'api' });
    expect(await take(stream, 1)).toContain('"client_id":"api"');
    expect((await stream.next()).done).toBe(true);
  });
  it('goes on for a client that is back, though its end still has no place', async () => {
    const { state, streams, end } = start();
    state.placed = 0;
    end({ kind: 'client', at: NOW, expiresAt: NOW, clientId: 'api' });
    const stream = await streams.open(CLIENT, '0');
    expect(await take(stream, 2)).toMatch(/event: live\nid: 0\n/);
    const next = stream.next();
    await new Promise(setImmediate);
    end(ended('mine', 1));
    expect((await next).value).toContain(Buffer.alloc(32, 1).toString('base64url'));
  });
  it('reads no more than its reader takes', async () => {
    const { state, streams, end } = start();
    end(...Array.from({ length: 2000 }, (_, index) => ended('mine', index % 250)));
    const stream = await streams.open(CLIENT, '0');
    expect((await take(stream, 2)).match(/event: ended/g)).toHaveLength(500);
    end(ended('mine', 1));
    await new Promise(setImmediate);
    expect(state.reads).toBe(1);
    expect((await take(stream, 4)).match(/event: ended/g)).toHaveLength(1501);
  });
  it('asks once for all who have heard everything', async () => {
    const { state, streams, end } = start();
    const readers = await Promise.all(Array.from({ length: 20 }, () => streams.open(CLIENT, '0')));
    await Promise.all(readers.map((reader) => take(reader, 2)));
    const before = state.reads;
    const next = readers.map((reader) => reader.next());
    await new Promise(setImmediate);
    end(ended('mine', 1));
    await Promise.all(next);
    expect(state.reads - before).toBeLessThanOrEqual(20);
    const waiting = readers.map((reader) => reader.next());
    await new Promise(setImmediate);
    expect(state.reads - before).toBeLessThanOrEqual(21);
    streams.close();
    expect((await Promise.all(waiting)).every(({ done }) => done === true)).toBe(true);
  });
  it('ends with its client', async () => {
    const { streams, end } = start();
    const stream = await streams.open(CLIENT, '0');
    await take(stream, 2);
    end({ kind: 'client', at: NOW, expiresAt: NOW, clientId: 'api' });
    expect(await take(stream, 1)).toContain('"client_id":"api","before":1790000002');
    expect((await stream.next()).done).toBe(true);
  });
});

it('that one client has opened in masses leave room for those of others, and not for more of its own', async () => {
  const { streams } = world();
  const open = async (id: string): Promise<AsyncGenerator<string>> => {
    const stream = await streams.open({ ...CLIENT, id }, undefined);
    await stream.next();
    return stream;
  };
  const many: AsyncGenerator<string>[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  while (many.length < 1000) many.push(await open('greedy'));
  await expect(open('greedy')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  const others = await Promise.all([open('one'), open('another'), open('one')]);
  await expect(open('greedy')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  await Promise.all([...many, ...others].map((stream) => stream.return(undefined)));
  expect(await open('greedy')).toBeDefined();
  streams.close();
});
