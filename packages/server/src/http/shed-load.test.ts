import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shedLoad } from './shed-load.ts';

describe('requests under way', () => {
  let app: FastifyInstance;
  let counted: string[];
  const underWay = (): number => counted.reduce((sum, each) => sum + (each === 'began' ? 1 : -1), 0);

  beforeEach(() => {
    app = Fastify();
    counted = [];
    shedLoad(app, {
      overload: {
        admits: () => true,
        began: () => void counted.push('began'),
        ended: () => void counted.push('ended'),
        took: () => {},
        beat: () => {},
      },
    });
  });
  afterEach(() => app.close());

  async function send(text: string): Promise<Socket> {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }
  const request = 'GET /userinfo HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it('are counted from the moment they are worked on until they are answered', async () => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    app.get('/userinfo', () => {
      asked.resolve();
      return answer.promise;
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = await send(request);
    await asked.promise;
    expect(counted).toEqual(['began']);
    answer.resolve('done');
    await expect.poll(underWay).toBe(0);
    socket.destroy();
  });

  it.each([
    ['while it is found out whose it is', 1],
    ['and others behind it', 3],
  ])('are none of those whose client went away %s', async (_when, requests) => {
    const looked = Promise.withResolvers<void>();
    const gone: Promise<unknown>[] = [];
    const handled: string[] = [];
    const onRequest = async (
      _request: unknown,
      reply: { readonly raw: NodeJS.EventEmitter },
    ): Promise<void> => {
      gone.push(once(reply.raw, 'close'));
      await looked.promise;
    };
    app.addHook('onSend', async () => void handled.push('sent'));
    app.get('/userinfo', { onRequest }, async () => 'done');
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = await send(request.repeat(requests));
    await expect.poll(() => gone.length).toBe(requests);
    socket.destroy();
    await Promise.all(gone);
    looked.resolve();
    await expect.poll(() => handled.length).toBe(requests);
    expect(underWay()).toBe(0);
  });
});
