import { afterEach, describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import type { Ending } from '../domain/ending.ts';
import type { Resource } from '../domain/resource.ts';
import type { EndingPage } from '../ports/endings.ts';
import { createRevocationStreams, type RevocationStreams } from './revocation-stream.ts';

const NOW = 1_790_000_000_000;
const CLIENT = { id: 'api' } as Client;
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
  const state = { reads: 0, served: ['mine'], forgotten: 0 };
  const streams = createRevocationStreams({
    issuer: 'https://id.example',
    clock: () => NOW,
    resources: { servedBy: async () => state.served.map((id) => ({ id }) as Resource) },
    endings: {
      head: async () => String(all.length),
      async after(cursor, limit): Promise<EndingPage | undefined> {
        state.reads += 1;
        if (!/^\d+$/.test(cursor) || Number(cursor) < state.forgotten) return undefined;
        const from = Number(cursor);
        const endings = all
          .slice(from, from + limit)
          .map((each, index) => ({ ...each, cursor: String(from + index + 1) }));
        return { endings, cursor: String(from + endings.length), pending: false };
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
  return { state, streams, unlisted, end };
}

describe('the stream of what ended', () => {
  let open: RevocationStreams | undefined;
  afterEach(() => open?.close());
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
