/** The benchmark's parts that run in processes of their own, and the calls between them. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A running part. */
export interface Program {
  readonly pid: number;
  /** Asks the part for something by name. Rejects with its error, or when it has ended. */
  call<Answer>(name: string, argument?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** @param file a module that ends in `answerCalls` @param environment what it is told beside our own */
export function startProgram(file: URL, environment: Readonly<Record<string, string>> = {}): Program {
  const child = fork(fileURLToPath(file), {
    execArgv: process.execArgv,
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let count = 0;
  child.on('message', ({ id, answer, error }: Reply) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(answer);
    else one?.reject(new Error(error));
  });
  child.once('exit', (code) => {
    for (const one of waiting.values()) one.reject(new Error(`${file.pathname} ended with ${code}`));
  });
  return {
    pid: child.pid ?? 0,
    call: <Answer>(name: string, argument?: unknown) =>
      new Promise<Answer>((resolve, reject) => {
        const id = count++;
        waiting.set(id, { resolve: (answer) => resolve(answer as Answer), reject });
        child.send({ id, name, argument: argument ?? null } satisfies Call);
      }),
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  await ended;
}

/** Answers the parent's calls until it lets go, then runs `close` and ends. */
export function answerCalls(
  handlers: Readonly<Record<string, (argument: never) => unknown>>,
  close: () => Promise<unknown> = () => Promise.resolve(),
): void {
  const answer = async ({ id, name, argument }: Call): Promise<void> => {
    try {
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`nothing answers ${name}`);
      process.send?.({ id, answer: await handler(argument as never) } satisfies Reply);
    } catch (error) {
      process.send?.({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Reply);
    }
  };
  process.on('message', (call: Call) => void answer(call));
  process.once('disconnect', () => {
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
