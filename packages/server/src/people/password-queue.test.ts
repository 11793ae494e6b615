import { describe, expect, it } from 'vitest';
import { createPasswordQueue, PasswordQueueFull } from './password-queue.ts';

function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { run: () => promise, resolve, reject };
}

describe('the password queue', () => {
  it('turns away what the line cannot hold, at once', async () => {
    const queue = createPasswordQueue({ atOnce: 1, waiting: 1 });
    const first = work();
    const running = queue.run(first.run);
    const waiting = queue.run(() => Promise.resolve('second'));
    await expect(queue.run(() => Promise.resolve('third'))).rejects.toThrow(PasswordQueueFull);
    first.resolve('first');
    expect(await Promise.all([running, waiting])).toEqual(['first', 'second']);
  });

  it('runs no more at once than it may, in the order of arrival', async () => {
    const queue = createPasswordQueue({ atOnce: 2, waiting: 64 });
    let running = 0;
    let most = 0;
    const started: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        queue.run(async () => {
          started.push(index);
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('frees the place of work that fails', async () => {
    const queue = createPasswordQueue({ atOnce: 1, waiting: 0 });
    const failing = work();
    const refused = queue.run(failing.run);
    failing.reject(new Error('no'));
    await expect(refused).rejects.toThrow('no');
    expect(await queue.run(() => Promise.resolve('next'))).toBe('next');
  });
});
